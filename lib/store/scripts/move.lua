-- SPDX-License-Identifier: Apache-2.0
-- One drain's record becomes another, if nobody moved it first. Every consequence of a move is in this script, but that a
-- final drain's task and address are free: that waits for ebb.state (recorded), and it has a timer until then. Not while state is lost: what is there may be
-- an older version, and two would have one number.
--
-- Nor may a move give a number that Redis gave before it lost it: whoever has that one may still get it into ebb.state,
-- and not be heard of any more. So the first move of a drain under another run of Redis than its last gives the time
-- instead, which is higher than any number of before.
--
-- An intent that no call may follow any more has its end with the last open drain: nobody would settle it. Drains are final
-- after their intent, so that it is one of an older copy of Redis.
--
-- KEYS: drain open begun backoff timers clock account finished epoch intent
-- ARGV: drain id, version it was read with, new state, final (1 or 0), record, look at (ms), refund (1 or 0), backoff
--       of the service (ms, 0: none), task ARN, life of a final record (ms), finished at (ms, 0: now), that the version
--       it was read with is the mover's own and was never sent to ebb.state (1 or 0), new version, which the record bears
-- Returns: {"ok", new version}, {"higher", version that it shall bear}, {"conflict", version, record}, {"missing"} or
--       {"state_lost"}
local drain, open, begun, backoff, timers, clock, account, finished, epoch, intent = unpack(KEYS)
local id, version, state, final, record = ARGV[1], ARGV[2], ARGV[3], ARGV[4] == '1', ARGV[5]
local look_at, refund, backoff_ms = ARGV[6], ARGV[7] == '1', tonumber(ARGV[8])
local task_arn, life, becomes = ARGV[9], ARGV[10], tonumber(ARGV[13])
-- Whoever moves a drain records it at once; later than that somebody else must.
local UNRECORDED_MS = 60000
-- Of what was not heard of (recorded.lua), the newest are kept.
local UNHEARD_BYTES = 200

local run_id = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
if redis.call('GET', epoch) ~= run_id then return {'state_lost'} end
local there = redis.call('HMGET', drain, 'version', 'record', 'run')
if not there[1] then return {'missing'} end
if there[1] ~= version then return {'conflict', there[1], there[2]} end

local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
now = math.max(now, tonumber(redis.call('GET', clock) or 0))
local lost = tonumber(version) + 1
if there[3] ~= run_id and becomes == lost then
  return {'higher', string.format('%.0f', math.max(now, lost + 1))}
end
redis.call('HSET', drain, 'version', ARGV[13], 'state', state, 'record', record, 'run', run_id)
local unheard = redis.call('HGET', drain, 'unheard') or ''
if ARGV[12] == '1' then unheard = string.gsub(unheard .. ' ', ' ' .. version .. ' ', ' ', 1) end
if becomes > lost then unheard = unheard .. ' ' .. lost end
unheard = unheard .. ' ' .. ARGV[13]
redis.call('HSET', drain, 'unheard', string.sub(unheard, -UNHEARD_BYTES))
if refund then redis.call('ZREM', begun, id) end
if backoff_ms > 0 then
  redis.call('SET', backoff, string.format('%.0f', now + backoff_ms), 'PX', ARGV[8])
end
if final or state == 'RELEASING' then redis.call('ZREM', account, id) end
if final then
  redis.call('ZADD', finished, ARGV[11] == '0' and now or ARGV[11], id)
  redis.call('HDEL', open, id)
  redis.call('ZADD', timers, now + UNRECORDED_MS, id)
  redis.call('PEXPIRE', drain, life)
  local not_after = tonumber(redis.call('HGET', intent, 'notAfter') or now)
  if not_after < now and redis.call('EXISTS', open) == 0 then redis.call('DEL', intent) end
else
  redis.call('HSET', open, id, state .. ' ' .. task_arn)
  redis.call('ZADD', timers, look_at, id)
end
return {'ok', ARGV[13]}

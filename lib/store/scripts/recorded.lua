-- SPDX-License-Identifier: Apache-2.0
-- That a version of a drain's record was acknowledged by ebb.state; of a final one, task and address are free from then on, and
-- nothing is left to be looked at. Or that it will be written there by somebody who did not make it.
-- Whoever writes something else than what is there now is told that: it was overtaken, or Redis has lost what it wrote, or has
-- another record of the same version since. A newer one may stand before this one in ebb.state, and counts as unrecorded until
-- it is written again: by who is told so now, or by the timers.
--
-- "unheard" has the version of each writing that somebody began, by making it (claim, move) or here, and was not heard of
-- since: it may get in behind a newer one, and its writer may have died. So has it a version that was overtaken, since
-- nobody knows whether the newer one was written before it. While there is one a final record is written again, until it was at a time when
-- none of them can come any more.
--
-- KEYS: drain task address timers
-- ARGV: version and record, drain id, final (1 or 0), before (1: it will be written; 0: it was acknowledged)
-- Returns: {"ok"}, {"moved", version, record} or {"missing"}
local drain, task, address, timers = unpack(KEYS)
local version, record, id, is_final, is_before = ARGV[1], ARGV[2], ARGV[3], ARGV[4] == '1', ARGV[5] == '1'
-- Later than that no writer's record gets in, and whoever is told that it was overtaken has written.
local LATE_MS = 60000
-- The newest are kept.
local UNHEARD_BYTES = 200

local there = redis.call('HMGET', drain, 'version', 'record', 'unheard', 'final_at')
if not there[1] then return {'missing'} end
local counts = there[1] == version and there[2] == record
local unheard = there[3] or ''
if is_before then
  if not counts then return {'moved', there[1], there[2]} end
  redis.call('HSET', drain, 'unheard', string.sub(unheard .. ' ' .. version, -UNHEARD_BYTES))
  return {'ok'}
end

local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
-- One of them, whichever writer's it was.
unheard = string.gsub(unheard .. ' ', ' ' .. version .. ' ', ' ', 1)
local is_overtaken = not counts and tonumber(there[1]) > tonumber(version)
if is_overtaken then unheard = unheard .. ' ' .. version end
redis.call('HSET', drain, 'unheard', string.sub(unheard, -UNHEARD_BYTES))
if is_overtaken then
  redis.call('HDEL', drain, 'final_at')
  redis.call('HSET', drain, 'recorded', 0)
  if not redis.call('ZSCORE', timers, id) then redis.call('ZADD', timers, now + LATE_MS, id) end
end
if not counts then return {'moved', there[1], there[2]} end
redis.call('HSET', drain, 'recorded', version)
if is_final then
  if redis.call('GET', task) == id then redis.call('DEL', task) end
  if redis.call('GET', address) == id then redis.call('DEL', address) end
  redis.call('ZREM', timers, id)
  local final_at = tonumber(there[4] or now)
  -- It may get in as often as it likes.
  local is_unheard = false
  for each in string.gmatch(unheard, '%d+') do is_unheard = is_unheard or each ~= version end
  if is_unheard and now < final_at + LATE_MS then
    redis.call('HSET', drain, 'recorded', 0, 'final_at', final_at)
    redis.call('ZADD', timers, final_at + LATE_MS, id)
  end
end
return {'ok'}

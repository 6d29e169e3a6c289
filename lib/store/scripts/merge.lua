-- SPDX-License-Identifier: Apache-2.0
-- Puts a drain back, if Redis does not have it or has an older version; used after Redis lost state. Of one of ebb.state
-- that has been final for so long that nobody asks for it any more, only that it is to be removed from there. One that
-- ebb.state may not have yet is unrecorded, and a final one has a timer until it is.
--
-- KEYS: drain open begun task address timers event clock alarms watched account finished
-- ARGV: drain id, version, state, final (1 or 0), record, look at (ms), task ARN, address ("": none), claimed at (ms),
--       counts for cooldown and hour (1 or 0), life of a final record (ms), event's life (ms), service, alarm that asked
--       for it ("": none), life of an alarm that nobody knows (ms), finished at (ms, 0: now), that ebb.state has it (1 or 0)
-- Returns: 1 put, 0 Redis has it as new or newer
local drain, open, begun, task, address, timers, event, clock, alarms, watched, account, finished = unpack(KEYS)
local id, version, state, final, record = ARGV[1], ARGV[2], ARGV[3], ARGV[4] == '1', ARGV[5]
local is_stored = ARGV[17] == '1'
local BEGUN_LIFE, WEEK = 25 * 3600 * 1000, 7 * 24 * 3600 * 1000
-- Whoever puts it back writes it at once, as with move.
local UNRECORDED_MS = 60000
local there = redis.call('HGET', drain, 'version')
if there and tonumber(there) >= tonumber(version) then return 0 end

local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
now = math.max(now, tonumber(redis.call('GET', clock) or 0))
if final then
  local finished_at = ARGV[16] == '0' and now or tonumber(ARGV[16])
  redis.call('ZADD', finished, finished_at, id)
  if not there and now - finished_at >= tonumber(ARGV[11]) then return 0 end
end

redis.call('HSET', drain, 'version', version, 'state', state, 'record', record, 'recorded', is_stored and version or 0)
local age = now - tonumber(ARGV[9])
-- No cooldown is longer than a day, so what began before that counts for nothing any more.
if ARGV[10] == '1' and age <= BEGUN_LIFE then
  redis.call('ZADD', begun, ARGV[9], id)
  redis.call('PEXPIRE', begun, BEGUN_LIFE)
else
  redis.call('ZREM', begun, id)
end
-- Its event may be delivered once more, and must begin no other drain.
local event_left = tonumber(ARGV[12]) - math.max(age, 0)
if event_left > 0 then redis.call('SET', event, id, 'PX', string.format('%.0f', event_left)) end

-- The alarm is watched again; what state it is in is read anew.
if ARGV[14] ~= '' and age <= tonumber(ARGV[15]) and redis.call('HEXISTS', alarms, ARGV[14]) == 0 then
  redis.call('HSET', alarms, ARGV[14], 'OTHER 0 ' .. ARGV[9])
  redis.call('PEXPIRE', alarms, ARGV[15])
  local last = redis.call('ZSCORE', watched, ARGV[13])
  if not last or tonumber(last) < tonumber(ARGV[9]) then redis.call('ZADD', watched, ARGV[9], ARGV[13]) end
  redis.call('PEXPIRE', watched, ARGV[15])
end

if final or state == 'RELEASING' then
  redis.call('ZREM', account, id)
else
  redis.call('ZADD', account, ARGV[9], id)
  redis.call('PEXPIRE', account, WEEK)
end
if final then
  redis.call('HDEL', open, id)
  if is_stored then
    if redis.call('GET', task) == id then redis.call('DEL', task) end
    if redis.call('GET', address) == id then redis.call('DEL', address) end
    redis.call('ZREM', timers, id)
  else
    redis.call('ZADD', timers, now + UNRECORDED_MS, id)
  end
  redis.call('PEXPIRE', drain, ARGV[11])
else
  redis.call('HSET', open, id, state .. ' ' .. ARGV[7])
  redis.call('SET', task, id)
  if ARGV[8] ~= '' then redis.call('SET', address, id) end
  redis.call('ZADD', timers, ARGV[6], id)
end
return 1

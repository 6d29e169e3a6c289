-- SPDX-License-Identifier: Apache-2.0
-- Puts a drain from ebb.state back, if Redis does not have it or has an older version; used after Redis lost state.
--
-- KEYS: drain open begun task address timers
-- ARGV: drain id, version, state, final (1 or 0), record, look at (ms), task ARN, address ("": none), claimed at (ms),
--       counts for cooldown and hour (1 or 0), life of a final record (ms)
-- Returns: 1 put, 0 Redis has it as new or newer
local drain, open, begun, task, address, timers = unpack(KEYS)
local id, version, state, final, record = ARGV[1], ARGV[2], ARGV[3], ARGV[4] == '1', ARGV[5]
local there = redis.call('HGET', drain, 'version')
if there and tonumber(there) >= tonumber(version) then return 0 end
redis.call('HSET', drain, 'version', version, 'state', state, 'record', record)
if ARGV[10] == '1' then redis.call('ZADD', begun, ARGV[9], id) else redis.call('ZREM', begun, id) end
if final then
  redis.call('HDEL', open, id)
  if redis.call('GET', task) == id then redis.call('DEL', task) end
  if redis.call('GET', address) == id then redis.call('DEL', address) end
  redis.call('ZREM', timers, id)
  redis.call('PEXPIRE', drain, ARGV[11])
else
  redis.call('HSET', open, id, state .. ' ' .. ARGV[7])
  redis.call('SET', task, id)
  if ARGV[8] ~= '' then redis.call('SET', address, id) end
  redis.call('ZADD', timers, ARGV[6], id)
end
return 1

-- SPDX-License-Identifier: Apache-2.0
-- That a version of a drain's record was acknowledged by ebb.state; of a final one, task and address are free from then on, and
-- nothing is left to be looked at.
-- Whoever wrote something else than what is there now is told that: it was overtaken, or Redis has lost what it wrote, or has
-- another record of the same version since.
--
-- KEYS: drain task address timers
-- ARGV: version and record that were acknowledged, drain id, final (1 or 0)
-- Returns: {"ok"}, {"moved", version, record} or {"missing"}
local drain, task, address, timers = unpack(KEYS)
local there = redis.call('HMGET', drain, 'version', 'record')
if not there[1] then return {'missing'} end
if there[1] ~= ARGV[1] or there[2] ~= ARGV[2] then return {'moved', there[1], there[2]} end
redis.call('HSET', drain, 'recorded', ARGV[1])
if ARGV[4] == '1' then
  if redis.call('GET', task) == ARGV[3] then redis.call('DEL', task) end
  if redis.call('GET', address) == ARGV[3] then redis.call('DEL', address) end
  redis.call('ZREM', timers, ARGV[3])
end
return {'ok'}

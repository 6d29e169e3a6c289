-- SPDX-License-Identifier: Apache-2.0
-- That a version of a drain's record was acknowledged by ebb.state; of a final one, task and address are free from then on, and
-- nothing is left to be looked at.
-- Whoever wrote something else than what is there now is told that: it was overtaken, or Redis has lost what it wrote, or has
-- another record of the same version since. A newer one may stand before this one in ebb.state, and counts as unrecorded until
-- it is written again: by who is told so now, or by the timers.
-- The same goes for a final one while the writer of a version before it was not heard of: that one may get in later, and its
-- writer may have died. After a while it cannot any more, and the timers write the final one once more.
--
-- KEYS: drain task address timers
-- ARGV: version and record that were acknowledged, drain id, final (1 or 0)
-- Returns: {"ok"}, {"moved", version, record} or {"missing"}
local drain, task, address, timers = unpack(KEYS)
-- Later than that no writer's record gets in, and whoever is told that it was overtaken has written.
local UNRECORDED_MS = 60000

local there = redis.call('HMGET', drain, 'version', 'record', 'unheard')
if not there[1] then return {'missing'} end
local unheard = ''
for version in string.gmatch(there[3] or '', '%d+') do
  if version ~= ARGV[1] then unheard = unheard .. ' ' .. version end
end
redis.call('HSET', drain, 'unheard', unheard)

local function have_it_written_again()
  local now = redis.call('TIME')
  local again = now[1] * 1000 + math.floor(now[2] / 1000) + UNRECORDED_MS
  redis.call('HSET', drain, 'recorded', 0)
  if not redis.call('ZSCORE', timers, ARGV[3]) then redis.call('ZADD', timers, again, ARGV[3]) end
end

if there[1] ~= ARGV[1] or there[2] ~= ARGV[2] then
  if tonumber(there[1]) > tonumber(ARGV[1]) then have_it_written_again() end
  return {'moved', there[1], there[2]}
end
redis.call('HSET', drain, 'recorded', ARGV[1])
if ARGV[4] == '1' then
  if redis.call('GET', task) == ARGV[3] then redis.call('DEL', task) end
  if redis.call('GET', address) == ARGV[3] then redis.call('DEL', address) end
  redis.call('ZREM', timers, ARGV[3])
  if unheard ~= '' then
    redis.call('HSET', drain, 'unheard', '')
    have_it_written_again()
  end
end
return {'ok'}

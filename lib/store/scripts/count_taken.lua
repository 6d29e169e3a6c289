-- SPDX-License-Identifier: Apache-2.0
-- How often a message was taken to be worked on without anything having come of it: each time its worker died.
--
-- KEYS: taken
-- ARGV: change (1: it is taken; -1: it is given back; 0: it is asked for), life (ms)
-- Returns: the count
local count = tonumber(redis.call('GET', KEYS[1]) or 0) + tonumber(ARGV[1])
if count <= 0 then
  redis.call('DEL', KEYS[1])
  return 0
end
redis.call('SET', KEYS[1], count, 'PX', ARGV[2])
return count

-- SPDX-License-Identifier: Apache-2.0
-- Gives a lease back, if it is still the holder's.
--
-- KEYS: lease
-- ARGV: holder
-- Returns: 1 released, 0 it was not the holder's any more
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1

-- SPDX-License-Identifier: Apache-2.0
-- An open drain is to be looked at no later than that. A final drain gets none.
--
-- KEYS: open timers
-- ARGV: drain id, at (ms)
-- Returns: 1 when the drain is open, else 0
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('ZADD', KEYS[2], 'LT', ARGV[2], ARGV[1])
return 1

-- SPDX-License-Identifier: Apache-2.0
-- A timer was published: it comes again only if the drain does not move until then (the sweep). Nothing happens when
-- somebody has set it anew meanwhile.
--
-- KEYS: timers
-- ARGV: drain id, the score that fired, next (ms; 0: the drain is final or unknown, the timer goes)
-- Returns: 1 when it was still the fired one, else 0
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not score or tonumber(score) ~= tonumber(ARGV[2]) then return 0 end
if ARGV[3] == '0' then
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
end
return 1

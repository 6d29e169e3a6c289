-- SPDX-License-Identifier: Apache-2.0
-- Who has taken a message to work on it without anything having come of it: whoever of them lives gives it back, the
-- others died with it. Each is named, so that a command that is sent twice counts once.
--
-- KEYS: taken
-- ARGV: what ("take", "give back" or "ask"), holder, life (ms)
-- Returns: how many others have taken it
if ARGV[1] == 'take' then
  redis.call('HSET', KEYS[1], ARGV[2], 1)
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
elseif ARGV[1] == 'give back' then
  redis.call('HDEL', KEYS[1], ARGV[2])
end
return redis.call('HLEN', KEYS[1]) - redis.call('HEXISTS', KEYS[1], ARGV[2])

-- SPDX-License-Identifier: Apache-2.0
-- Whether the user of Ebb may do what the other scripts do, found out before there is work and not in the middle of a
-- drain. Every command that a script or a role calls is here once; a test compares.
--
-- KEYS: scratch
-- ARGV: none
-- Returns: 1; a right that is missing is an error of Redis (NOPERM)
local key = KEYS[1]
redis.call('DEL', key)
redis.call('TIME')
redis.call('INFO', 'server')
redis.call('EXISTS', key)
redis.call('SET', key, '1')
redis.call('GET', key)
redis.call('PEXPIRE', key, 60000)
redis.call('PEXPIREAT', key, 1)
redis.call('DEL', key)
redis.call('HSET', key, 'field', '1')
redis.call('HGET', key, 'field')
redis.call('HMGET', key, 'field')
redis.call('HGETALL', key)
redis.call('HEXISTS', key, 'field')
redis.call('HLEN', key)
redis.call('HDEL', key, 'field')
redis.call('ZADD', key, 1, 'member')
redis.call('ZSCORE', key, 'member')
redis.call('ZCOUNT', key, 0, 1)
redis.call('ZREVRANGE', key, 0, 0)
redis.call('ZRANGEBYSCORE', key, 0, 1)
redis.call('ZREMRANGEBYSCORE', key, 0, 1)
redis.call('ZREM', key, 'member')
redis.call('LPUSH', key, 'item')
redis.call('LTRIM', key, 0, 0)
redis.call('DEL', key)
redis.call('SCAN', '0', 'COUNT', '1')
return 1

-- SPDX-License-Identifier: Apache-2.0
-- Writes down what will be asked of ECS, under the service's lease; one intent at a time.
--
-- KEYS: lease intent
-- ARGV: holder, base, to, not after (ms), others
-- Returns: 1 written, 0 the lease is lost, -1 another intent is open
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if redis.call('EXISTS', KEYS[2]) == 1 then return -1 end
redis.call('HSET', KEYS[2], 'base', ARGV[2], 'to', ARGV[3], 'notAfter', ARGV[4], 'others', ARGV[5])
return 1

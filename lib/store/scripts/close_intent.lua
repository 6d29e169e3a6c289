-- SPDX-License-Identifier: Apache-2.0
-- The intent is settled. Only the very intent that was looked at is closed, and only under the lease.
--
-- KEYS: lease intent
-- ARGV: holder, base, not after (ms) of the intent looked at
-- Returns: 1 closed or gone already, 0 the lease is lost, -1 another intent is there
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local there = redis.call('HMGET', KEYS[2], 'base', 'notAfter')
if not there[1] then return 1 end
if there[1] ~= ARGV[2] or there[2] ~= ARGV[3] then return -1 end
redis.call('DEL', KEYS[2])
return 1

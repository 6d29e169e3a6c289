-- SPDX-License-Identifier: Apache-2.0
-- Counts a task that was stopped and was not drained, once for each lowering of a count, within the last hour; what was
-- before somebody resumed the account counts no more.
--
-- KEYS: wrong controls clock
-- ARGV: the lowering (service and its not_after), the account's scope
-- Returns: how many within the hour
local HOUR = 3600000
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
now = math.max(now, tonumber(redis.call('GET', KEYS[3]) or 0))
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then redis.call('ZADD', KEYS[1], now, ARGV[1]) end
-- Kept for longer than it counts: the same lowering may be told of once more.
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 24 * HOUR)
redis.call('PEXPIRE', KEYS[1], 24 * HOUR)
local since = now - HOUR
local control = redis.call('HGET', KEYS[2], ARGV[2])
local kind, at = string.match(control or '', '^%d+ %d+ (%l+) %d+ (%d+) ')
if kind == 'resume' then since = math.max(since, tonumber(at)) end
return redis.call('ZCOUNT', KEYS[1], since, '+inf')

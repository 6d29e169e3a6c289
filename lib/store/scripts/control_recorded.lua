-- SPDX-License-Identifier: Apache-2.0
-- That a version of a control record was acknowledged by ebb.state; or that another has been said meanwhile, which is
-- to be written too. After Redis lost state two may have the same version, but they were not said at the same time.
--
-- KEYS: controls
-- ARGV: scope, version that was acknowledged, said at (ms)
-- Returns: "ok", "moved" or "missing"
local there = redis.call('HGET', KEYS[1], ARGV[1])
if not there then return 'missing' end
local version, rest = string.match(there, '^(%d+) %d+ (.*)$')
local at = string.match(rest, '^%l+ %d+ (%d+) ')
if version ~= ARGV[2] or at ~= ARGV[3] then return 'moved' end
redis.call('HSET', KEYS[1], ARGV[1], version .. ' ' .. version .. ' ' .. rest)
return 'ok'

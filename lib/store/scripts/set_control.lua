-- SPDX-License-Identifier: Apache-2.0
-- A scope's control record becomes another, if nobody said something else first. Not while state is lost: an older
-- version could be taken for the newest, and nothing begins meanwhile anyway.
--
-- KEYS: epoch controls
-- ARGV: scope, version it was read with (0: there was none), kind, until (ms, 0: no end), said at (ms), record
-- Returns: "ok", "conflict" or "state_lost"
local run_id = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
if redis.call('GET', KEYS[1]) ~= run_id then return 'state_lost' end
local there = redis.call('HGET', KEYS[2], ARGV[1])
local version = there and string.match(there, '^(%d+) ') or '0'
if version ~= ARGV[2] then return 'conflict' end
-- version, version that ebb.state has acknowledged, kind, until, said at, record
redis.call('HSET', KEYS[2], ARGV[1],
  (tonumber(version) + 1) .. ' 0 ' .. ARGV[3] .. ' ' .. ARGV[4] .. ' ' .. ARGV[5] .. ' ' .. ARGV[6])
return 'ok'

-- SPDX-License-Identifier: Apache-2.0
-- Puts a control record from ebb.state back, if Redis does not have it or has an older version; used after Redis lost
-- state.
--
-- KEYS: controls
-- ARGV: scope, version, kind, until (ms, 0: no end), said at (ms), record
-- Returns: 1 put, 0 Redis has it as new or newer
local there = redis.call('HGET', KEYS[1], ARGV[1])
local version = there and string.match(there, '^(%d+) ') or '0'
if there and tonumber(version) >= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1],
  ARGV[2] .. ' ' .. ARGV[2] .. ' ' .. ARGV[3] .. ' ' .. ARGV[4] .. ' ' .. ARGV[5] .. ' ' .. ARGV[6])
return 1

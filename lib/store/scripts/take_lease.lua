-- SPDX-License-Identifier: Apache-2.0
-- A lease for its holder, taken or renewed; time is Redis's own.
--
-- KEYS: lease
-- ARGV: holder, life (ms)
-- Returns: 1 taken or renewed, 0 held by somebody else
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1

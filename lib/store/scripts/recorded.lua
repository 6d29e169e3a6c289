-- SPDX-License-Identifier: Apache-2.0
-- That a version of a drain's record was acknowledged by ebb.state. A writer that was overtaken meanwhile is told what
-- is there now, so that it writes once more: its older record may have been acknowledged after a newer one.
--
-- KEYS: drain
-- ARGV: version that was acknowledged
-- Returns: {"ok"}, {"moved", version, record} or {"missing"}
local there = redis.call('HMGET', KEYS[1], 'version', 'record')
if not there[1] then return {'missing'} end
if there[1] ~= ARGV[1] then return {'moved', there[1], there[2]} end
redis.call('HSET', KEYS[1], 'recorded', ARGV[1])
return {'ok'}

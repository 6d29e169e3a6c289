-- SPDX-License-Identifier: Apache-2.0
-- A drain's record to act on: not while it may be an older one, because Redis lost state and is being put together again.
--
-- KEYS: epoch drain
-- ARGV: none
-- Returns: {record, version, version that ebb.state has acknowledged}, or "state_lost"
local run_id = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
if redis.call('GET', KEYS[1]) ~= run_id then return 'state_lost' end
return redis.call('HMGET', KEYS[2], 'record', 'version', 'recorded')

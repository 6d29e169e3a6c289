-- SPDX-License-Identifier: Apache-2.0
-- The state is whole under this run of Redis: claims are allowed from now on. Done by the timer leader, once it has
-- merged ebb.state. A Redis that was emptied meanwhile is the same run, and has forgotten that this merge began.
--
-- KEYS: epoch
-- ARGV: run_id the merge was done under, what was written there when it began
-- Returns: 1, or 0 when Redis has restarted or was emptied since, or another merge has begun
local run_id = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
if run_id ~= ARGV[1] or redis.call('GET', KEYS[1]) ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], run_id)
return 1

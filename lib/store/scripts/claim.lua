-- SPDX-License-Identifier: Apache-2.0
-- Takes a slot for a new drain, all limits at once; or says what forbids it. The only place where limits are decided.
-- Time is Redis's own and never goes back.
--
-- KEYS: epoch clock event drain open begun task address backoff timers controls account
-- ARGV: mode ("claim" or "check": decide, write nothing), drain id, task ARN, cooldown (ms), drains per hour (0: none
--       allowed), drains at once, event's life (ms; 0: it has no
--       event), record, look at (ms), serving tasks (-1: not known yet), floor, address ("": none), service, its
--       account's scope, open drains per account (0: any number), then the task ARNs that serving leaves out because
--       their drains were open already
-- Returns: {"ok", claim time (ms), "", drains open in the account before, allowed there, "", open tasks...} or {"refused", time, reason, have, need, drain id of the
--       event or address or the control record that pauses, open tasks...}. need of cooldown and backoff: ms until it
--       is over.
local epoch, clock, event, drain, open, begun, task, address, backoff, timers, controls, account = unpack(KEYS)
local mode, id, task_arn = ARGV[1], ARGV[2], ARGV[3]
local cooldown, per_hour, at_once = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local event_life, record, look_at = tonumber(ARGV[7]), ARGV[8], ARGV[9]
local serving, floor, ip = tonumber(ARGV[10]), tonumber(ARGV[11]), ARGV[12]
local service, account_scope, per_account = ARGV[13], ARGV[14], tonumber(ARGV[15])
local HOUR, WEEK = 3600000, 7 * 24 * 3600000

local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
now = math.max(now, tonumber(redis.call('GET', clock) or 0))

local opened = redis.call('HGETALL', open)
local tasks, count = {}, 0
for i = 1, #opened, 2 do
  local state, arn = string.match(opened[i + 1], '^(%S+) (.*)$')
  if state ~= 'RELEASING' then
    count = count + 1
    tasks[#tasks + 1] = arn
  end
end

local function answer(kind, reason, have, need, about)
  local reply = {kind, tostring(now), reason, tostring(have), tostring(need), about}
  for i = 1, #tasks do reply[#reply + 1] = tasks[i] end
  return reply
end
local function refuse(reason, have, need, about)
  return answer('refused', reason, have or 0, need or 0, about or '')
end

-- A Redis that was wiped, replaced or failed over has another run_id than the one the state was rebuilt under.
local run_id = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
if redis.call('GET', epoch) ~= run_id then return refuse('state_lost') end

local seen = event_life > 0 and redis.call('GET', event)
if seen then return refuse('event_seen', 0, 0, seen) end

-- version, version that ebb.state has acknowledged, kind, until, said at, record
local said = redis.call('HMGET', controls, service, account_scope, 'everything')
for i = 1, 3 do
  local kind, ends, control = string.match(said[i] or '', '^%d+ %d+ (%l+) (%d+) %d+ (.*)$')
  if kind == 'pause' and (ends == '0' or now < tonumber(ends)) then
    return refuse('paused', 0, ends == '0' and 0 or tonumber(ends) - now, control)
  end
end

local last = redis.call('ZREVRANGE', begun, 0, 0, 'WITHSCORES')
if last[2] and now - tonumber(last[2]) <= cooldown and cooldown > 0 then
  return refuse('cooldown', now - tonumber(last[2]), tonumber(last[2]) + cooldown - now)
end
local hour = redis.call('ZCOUNT', begun, now - HOUR, '+inf')
if hour >= per_hour then return refuse('hourly_limit', hour, per_hour) end
if count >= at_once then return refuse('concurrency_limit', count, at_once) end
-- One that is open for more than a week is another's affair, and must not use the account up.
local of_account = redis.call('ZCOUNT', account, now - WEEK, '+inf')
if per_account > 0 and of_account >= per_account then return refuse('account_limit', of_account, per_account) end
local until_ms = redis.call('GET', backoff)
if until_ms and tonumber(until_ms) > now then return refuse('backoff', 0, tonumber(until_ms) - now) end
if mode == 'check' then return answer('ok', '', of_account, per_account, '') end

-- The floor is about who serves now: a drain that opened since serving was counted takes one more away.
local left_out = {}
for i = 16, #ARGV do left_out[ARGV[i]] = true end
for i = 1, #tasks do
  if not left_out[tasks[i]] and tasks[i] ~= task_arn then serving = serving - 1 end
end
if serving - 1 < floor then return refuse('at_min_capacity', serving, floor) end
if redis.call('EXISTS', task) == 1 then return refuse('already_draining') end
if redis.call('EXISTS', drain) == 1 then return refuse('recently_drained') end
if ip ~= '' and redis.call('EXISTS', address) == 1 then
  return refuse('address_held', 0, 0, redis.call('GET', address))
end

redis.call('SET', clock, string.format('%.0f', now))
if event_life > 0 then redis.call('SET', event, id, 'PX', event_life) end
redis.call('HSET', drain, 'version', 1, 'state', 'CLAIMED', 'record', record, 'unheard', ' 1', 'run', run_id)
redis.call('HSET', open, id, 'CLAIMED ' .. task_arn)
redis.call('ZREMRANGEBYSCORE', begun, '-inf', now - math.max(HOUR, cooldown) - 1)
redis.call('ZADD', begun, now, id)
-- Not a life from now: Redis's own time, by which keys end, may be behind.
redis.call('PEXPIREAT', begun, string.format('%.0f', now + math.max(HOUR, cooldown) + 60000))
redis.call('SET', task, id)
if ip ~= '' then redis.call('SET', address, id) end
redis.call('ZADD', timers, look_at, id)
redis.call('ZREMRANGEBYSCORE', account, '-inf', now - WEEK)
redis.call('ZADD', account, now, id)
redis.call('PEXPIRE', account, WEEK)
return answer('ok', '', of_account, per_account, '')

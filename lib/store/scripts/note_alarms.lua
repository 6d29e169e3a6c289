-- SPDX-License-Identifier: Apache-2.0
-- What was heard or read of a service's alarms. The newest word of each counts, so that a late event changes nothing
-- that was read since; the service is watched from then on, until nobody knows an alarm of it any more. When an alarm
-- is seen to have left ALARM, the service's open drains may be looked at at once.
--
-- KEYS: alarms watched open timers
-- ARGV: service, seen at (ms), life (ms), alarms kept of a service, look of its open drains (ms; 0: none is asked for),
--       then of each alarm: name, state ("": CloudWatch does not know it), since (ms)
-- Returns: 1 when an alarm has left ALARM, else 0
local alarms, watched, open, timers = unpack(KEYS)
local service, seen, life, most, look_at = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4]), ARGV[5]
local left = 0

for i = 6, #ARGV, 3 do
  local name, state, since = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local there = redis.call('HGET', alarms, name)
  local was, at = string.match(there or '', '^(%S+) %-?%d+ (%-?%d+)$')
  if not (at and tonumber(at) > seen) then
    if state == '' then
      redis.call('HDEL', alarms, name)
    elseif there or redis.call('HLEN', alarms) < most then
      redis.call('HSET', alarms, name, state .. ' ' .. since .. ' ' .. ARGV[2])
    end
    if was == 'ALARM' and state ~= 'ALARM' then left = 1 end
  end
end

if redis.call('EXISTS', alarms) == 1 then
  redis.call('PEXPIRE', alarms, life)
  local last = redis.call('ZSCORE', watched, service)
  if not last or tonumber(last) < seen then redis.call('ZADD', watched, ARGV[2], service) end
else
  redis.call('ZREM', watched, service)
end
redis.call('ZREMRANGEBYSCORE', watched, '-inf', string.format('%.0f', seen - tonumber(life)))
redis.call('PEXPIRE', watched, life)

if left == 1 and look_at ~= '0' then
  local drains = redis.call('HGETALL', open)
  for i = 1, #drains, 2 do redis.call('ZADD', timers, 'LT', look_at, drains[i]) end
end
return left

-- SPDX-License-Identifier: Apache-2.0
-- The API budget of an account's region: token buckets, each a share of one of AWS's own, shared by all processes. A
-- bucket that nobody spoke of for its life is full. Time is Redis's own. A step back of up to a minute is waited out;
-- after a longer one the buckets go by the new time: standing still for hours would be worse than a few calls more.
--
-- KEYS: budget
-- ARGV: mode ("ask": so many tokens of each bucket, or none of any; "owe": they are taken whatever is there, also into
--       debt; below 0 they are given back; "slow": AWS throttled, the bucket is empty and fills at half its rate, which
--       comes back within two minutes), life (ms), then of each bucket its name, burst, tokens a second, reserve that
--       stays untouched, tokens
-- Returns: 0, or the ms until there will be enough
local budget, mode, life = KEYS[1], ARGV[1], ARGV[2]
local BACK, RECOVERY, LEAST, ONCE = 60000, 120000, 1 / 16, 1000

local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)

local wait, becomes = 0, {}
for i = 3, #ARGV, 5 do
  local name, burst, rate = ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  local reserve, wanted = tonumber(ARGV[i + 3]), tonumber(ARGV[i + 4])
  local tokens, at, pace, slowed = burst, now, 1, 0
  local held = redis.call('HGET', budget, name)
  if held then
    local t, a, p, s = string.match(held, '^(%S+) (%S+) (%S+) (%S+)$')
    tokens, at, pace, slowed = tonumber(t), tonumber(a), tonumber(p), tonumber(s)
  end
  local here = now
  if at > now then
    if at - now > BACK then at, slowed = now, math.min(slowed, now) else here = at end
  end
  local passed = here - at
  tokens = math.min(burst, tokens + passed * rate * pace / 1000)
  pace = math.min(1, pace + passed / RECOVERY)
  if mode == 'slow' then
    -- Calls that were under way together are throttled together: that is one answer of AWS.
    if here - slowed >= ONCE then pace, slowed = math.max(LEAST, pace / 2), here end
    tokens = math.min(tokens, 0)
  elseif mode == 'owe' or tokens - wanted >= reserve then
    tokens = tokens - wanted
  else
    wait = math.max(wait, math.ceil((reserve + wanted - tokens) * 1000 / (rate * pace)))
  end
  becomes[#becomes + 1] = name
  becomes[#becomes + 1] = string.format('%.4f %.0f %.6f %.0f', tokens, here, pace, slowed)
end

if wait == 0 then
  for i = 1, #becomes, 2 do redis.call('HSET', budget, becomes[i], becomes[i + 1]) end
  redis.call('PEXPIRE', budget, life)
end
return wait

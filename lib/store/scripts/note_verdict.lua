-- SPDX-License-Identifier: Apache-2.0
-- Keeps the last looks of a service, and all looks of a drain up to a limit, for `ebb why` and `ebb timeline`.
--
-- KEYS: service_looks drain_looks
-- ARGV: verdict (JSON), looks kept, life (ms), about a drain (1 or 0)
-- Returns: 1
for i = 1, 2 do
  if i == 1 or ARGV[4] == '1' then
    redis.call('LPUSH', KEYS[i], ARGV[1])
    redis.call('LTRIM', KEYS[i], 0, ARGV[2] - 1)
    redis.call('PEXPIRE', KEYS[i], ARGV[3])
  end
end
return 1

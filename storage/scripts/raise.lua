-- Raises the case counter, so that no number found elsewhere is handed out again.
--
-- KEYS  1 counter
-- ARGV  1 number
-- returns the counter
local at = tonumber(redis.call('GET', KEYS[1]) or '0')
if at < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[1])
  return tonumber(ARGV[1])
end
return at

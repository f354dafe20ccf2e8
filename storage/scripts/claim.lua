-- Makes the first person with the claim code an admin.
--
-- KEYS  1 claim   2 admins by claim
-- ARGV  1 hash of the code   2 actor
-- returns 1 admin (also when asked again by the same person), 0 wrong or used
local claim = redis.call('HMGET', KEYS[1], 'code', 'by')
if not claim[1] or claim[1] ~= ARGV[1] then return 0 end
if claim[2] then
  if claim[2] == ARGV[2] then return 1 end
  return 0
end
redis.call('HSET', KEYS[1], 'by', ARGV[2])
redis.call('SADD', KEYS[2], ARGV[2])
return 1

-- Gives a person a return code in place of the older one.
--
-- KEYS  1 return code   2 return code of the person
-- ARGV  1 prefix of keys   2 actor   3 hash of the code   4 ttl (ms)
-- returns 1 done, 0 the code is somebody else's
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[2] then return 0 end
local old = redis.call('GET', KEYS[2])
if old and old ~= ARGV[3] then redis.call('DEL', ARGV[1] .. 'door:return:' .. old) end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[4])
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
return 1

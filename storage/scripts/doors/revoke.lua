-- Revokes an evidence link of a case.
--
-- KEYS  1 link   2 links of the case   3 this call (remembers that it was done)
-- ARGV  1 case id
-- returns 1 done, 0 no such link of the case
local l = redis.call('HMGET', KEYS[1], 'case', 'blob')
if l[1] ~= ARGV[1] then return redis.call('EXISTS', KEYS[3]) end
redis.call('DEL', KEYS[1])
redis.call('HDEL', KEYS[2], l[2])
redis.call('SET', KEYS[3], '1', 'PX', 60000)
return 1

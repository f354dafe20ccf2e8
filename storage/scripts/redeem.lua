-- Lets a person in by an invite, once however often it is called.
--
-- KEYS  1 invite   2 guests of the invite   3 person
-- ARGV  1 actor   2 now (ms)
-- returns 1 in, 0 no such invite, used up or expired
if redis.call('SISMEMBER', KEYS[2], ARGV[1]) == 1 then return 1 end
local invite = redis.call('HMGET', KEYS[1], 'uses', 'used', 'expires')
if not invite[1] then return 0 end
if tonumber(ARGV[2]) >= tonumber(invite[3]) then return 0 end
if tonumber(invite[2]) >= tonumber(invite[1]) then return 0 end
redis.call('HINCRBY', KEYS[1], 'used', 1)
redis.call('SADD', KEYS[2], ARGV[1])
redis.call('PEXPIRE', KEYS[2], redis.call('PTTL', KEYS[1]))
redis.call('HSET', KEYS[3], 'allowed', '1')
redis.call('HINCRBY', KEYS[3], 'rev', 1)
return 1

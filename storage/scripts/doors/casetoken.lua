-- Gives a case that exists its token, the same each time.
--
-- KEYS  1 case   2 token of the case   3 case by token
-- ARGV  1 token, if it has none yet   2 its hash   3 case id
-- returns the token; "" = no such case
if redis.call('EXISTS', KEYS[1]) == 0 then return '' end
local token = redis.call('HGET', KEYS[2], 'token')
if token then return token end
redis.call('HSET', KEYS[2], 'token', ARGV[1], 'hash', ARGV[2])
redis.call('SET', KEYS[3], ARGV[3])
return ARGV[1]

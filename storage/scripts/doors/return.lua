-- Finds whose return code it is; one that is used lasts longer.
--
-- KEYS  1 return code
-- ARGV  1 prefix of keys   2 ttl (ms)
-- returns the actor; "" = nobody's
local actor = redis.call('GET', KEYS[1])
if not actor then return '' end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', ARGV[1] .. 'door:return-of:' .. actor, ARGV[2])
return actor

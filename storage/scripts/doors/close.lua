-- Ends a session.
--
-- KEYS  1 session
-- ARGV  1 prefix of the lists of sessions   2 hash of the session
-- returns 1 there was one, 0 there was none
local actor = redis.call('HGET', KEYS[1], 'actor')
if actor then redis.call('ZREM', ARGV[1] .. actor, ARGV[2]) end
return redis.call('DEL', KEYS[1])

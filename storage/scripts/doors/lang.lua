-- Changes the language of a session that exists.
--
-- KEYS  1 session
-- ARGV  1 language
-- returns 1 done, 0 no such session
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'lang', ARGV[1])
return 1

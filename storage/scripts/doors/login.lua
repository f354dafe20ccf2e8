-- Uses up a login. The answer of the call that used it can be had again for a
-- minute, because it may have got lost.
--
-- KEYS  1 login
-- ARGV  1 this call   2 now (ms)
-- returns the login; "" when absent, used or expired
local l = redis.call('HMGET', KEYS[1], 'body', 'expires', 'call')
if not l[1] then return '' end
if l[3] then return l[3] == ARGV[1] and l[1] or '' end
if tonumber(ARGV[2]) >= tonumber(l[2]) then return '' end
redis.call('HSET', KEYS[1], 'call', ARGV[1])
redis.call('PEXPIRE', KEYS[1], 60000)
return l[1]

-- Makes an evidence link to a blob of a case that exists, or gives the one there is.
--
-- KEYS  1 case   2 links of the case   3 link
-- ARGV  1 prefix of keys   2 blob   3 body   4 hash of the token   5 case id   6 links at most
-- returns body and views; "full" when there are too many; nothing when there is no such case
if redis.call('EXISTS', KEYS[1]) == 0 then return {} end
local old = redis.call('HGET', KEYS[2], ARGV[2])
if old then
  local l = redis.call('HMGET', ARGV[1] .. 'door:link:' .. old, 'body', 'views')
  if l[1] then return l end
end
if redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[6]) then return {'full'} end
redis.call('HSET', KEYS[3], 'body', ARGV[3], 'case', ARGV[5], 'blob', ARGV[2], 'views', '0')
redis.call('HSET', KEYS[2], ARGV[2], ARGV[4])
return {ARGV[3], '0'}

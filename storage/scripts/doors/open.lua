-- Opens an evidence link and counts that, once however often a call is sent.
--
-- KEYS  1 link
-- ARGV  1 prefix of keys   2 count (0, 1)   3 this call
-- returns body and views; nothing when there is no such link or its case is gone
local l = redis.call('HMGET', KEYS[1], 'body', 'views', 'case', 'call')
if not l[1] or redis.call('EXISTS', ARGV[1] .. 'case:' .. l[3]) == 0 then return {} end
local views = l[2]
if ARGV[2] == '1' and l[4] ~= ARGV[3] then
  views = redis.call('HINCRBY', KEYS[1], 'views', 1)
  redis.call('HSET', KEYS[1], 'call', ARGV[3])
end
return {l[1], tostring(views)}

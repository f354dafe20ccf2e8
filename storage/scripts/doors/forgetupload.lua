-- Removes an upload's record. One that was not finished no longer counts against
-- its grant.
--
-- KEYS  1 upload   2 all uploads
-- ARGV  1 prefix of keys   2 upload id
-- returns 1 there was one, 0 there was none
local u = redis.call('HMGET', KEYS[1], 'grant', 'bytes', 'held', 'case', 'state', 'actor')
redis.call('ZREM', KEYS[2], ARGV[2])
if not u[1] then return 0 end
redis.call('ZREM', ARGV[1] .. 'door:uploads-by:' .. u[6], ARGV[2])
if u[4] ~= '' then redis.call('SREM', ARGV[1] .. 'door:uploads-of:' .. u[4], ARGV[2]) end
if u[3] == '1' and u[5] == 'receiving' then
  local grant = ARGV[1] .. 'door:grant:' .. u[1]
  if redis.call('EXISTS', grant) == 1 then
    redis.call('HINCRBY', grant, 'used', '-' .. u[2])
    redis.call('HINCRBY', grant, 'begun', -1)
  end
end
return redis.call('DEL', KEYS[1])

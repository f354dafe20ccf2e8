-- Replaces an upload's record if nobody did so meanwhile. One that is dropped no
-- longer counts against its grant.
--
-- KEYS  1 upload   2 case (new)   3 uploads of the case (new)
-- ARGV  1 prefix of keys   2 upload id   3 revision expected   4 body   5 this call   6 state   7 case id ("" = none)
--       8 now (ms)   9 ttl of the record (ms)
-- returns 1 done (also when this very call did it before), 0 no such upload or case, 2 the revision has moved on
local u = redis.call('HMGET', KEYS[1], 'rev', 'call', 'grant', 'bytes', 'held', 'case', 'state')
if not u[1] then return 0 end
if u[2] == ARGV[5] then return 1 end
if u[1] ~= ARGV[3] then return 2 end
if ARGV[7] ~= u[6] then
  if ARGV[7] ~= '' then
    if redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
    redis.call('SADD', KEYS[3], ARGV[2])
  end
  if u[6] ~= '' then redis.call('SREM', ARGV[1] .. 'door:uploads-of:' .. u[6], ARGV[2]) end
end
redis.call('HSET', KEYS[1], 'rev', string.format('%d', ARGV[3] + 1), 'body', ARGV[4], 'call', ARGV[5],
  'state', ARGV[6], 'case', ARGV[7])
if ARGV[6] ~= u[7] then redis.call('HSET', KEYS[1], 'changed', ARGV[8]) end
redis.call('PEXPIRE', KEYS[1], ARGV[9])
if ARGV[6] == 'dropped' and u[5] == '1' then
  redis.call('HSET', KEYS[1], 'held', '0')
  local grant = ARGV[1] .. 'door:grant:' .. u[3]
  if redis.call('EXISTS', grant) == 1 then
    redis.call('HINCRBY', grant, 'used', '-' .. u[4])
    redis.call('HINCRBY', grant, 'begun', -1)
  end
end
return 1

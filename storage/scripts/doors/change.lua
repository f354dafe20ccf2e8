-- Replaces an upload's record if nobody did so meanwhile.
--
-- KEYS  1 upload   2 case (new)   3 uploads of the case (new)
-- ARGV  1 prefix of keys   2 upload id   3 revision expected   4 body   5 this call   6 state   7 case id ("" = none)
--       8 now (ms)   9 ttl of the record (ms)
-- returns 1 done (also when this very call did it before), 0 no such upload or case, 2 the revision has moved on
local u = redis.call('HMGET', KEYS[1], 'rev', 'call', 'case', 'state')
if not u[1] then return 0 end
if u[2] == ARGV[5] then return 1 end
if u[1] ~= ARGV[3] then return 2 end
if ARGV[7] ~= u[3] then
  if ARGV[7] ~= '' then
    if redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
    redis.call('SADD', KEYS[3], ARGV[2])
  end
  if u[3] ~= '' then redis.call('SREM', ARGV[1] .. 'door:uploads-of:' .. u[3], ARGV[2]) end
end
redis.call('HSET', KEYS[1], 'rev', string.format('%d', ARGV[3] + 1), 'body', ARGV[4], 'call', ARGV[5],
  'state', ARGV[6], 'case', ARGV[7])
if ARGV[6] ~= u[4] then redis.call('HSET', KEYS[1], 'changed', ARGV[8]) end
redis.call('PEXPIRE', KEYS[1], ARGV[9])
return 1

-- Keeps a grant, if the case it is for exists.
--
-- KEYS  1 grant   2 case   3 grants of the case
-- ARGV  1 body   2 bytes   3 files   4 expires (ms)   5 ttl (ms)   6 case id ("" = none)   7 grant id
-- returns 1 done, 0 no such case
if ARGV[6] ~= '' then
  if redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
  redis.call('SADD', KEYS[3], ARGV[7])
  if redis.call('PTTL', KEYS[3]) < tonumber(ARGV[5]) then redis.call('PEXPIRE', KEYS[3], ARGV[5]) end
end
redis.call('HSET', KEYS[1], 'body', ARGV[1], 'bytes', ARGV[2], 'files', ARGV[3], 'expires', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1

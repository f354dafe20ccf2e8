-- Makes a claim last longer.
--
-- KEYS  1 mail due   2 mail claims
-- ARGV  1 claim's token   2 chat   3 claimed until (ms)
-- returns 1 done, 0 the claim had ended
if redis.call('HGET', KEYS[2], ARGV[2]) ~= ARGV[1] then return 0 end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[2])
return 1

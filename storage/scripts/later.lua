-- Ends a claim; the chat is not due before a time. A sender whose claim has
-- ended changes nothing.
--
-- KEYS  1 mail due   2 mail claims   3 letter
-- ARGV  1 claim's token   2 chat   3 due again (ms)   4 unsent: take the mark back (0, 1)
--       5 the mark before this sender's own (0, 1)
-- returns 1 done, 0 the claim had ended
if redis.call('HGET', KEYS[2], ARGV[2]) ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[2], ARGV[2])
if ARGV[4] == '1' and redis.call('EXISTS', KEYS[3]) == 1 then redis.call('HSET', KEYS[3], 'begun', ARGV[5]) end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[2])
return 1

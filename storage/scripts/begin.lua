-- Marks a letter as being sent.
--
-- KEYS  1 mail due   2 mail claims   3 letter
-- ARGV  1 prefix of keys   2 now (ms)   3 claim's token   4 chat
-- returns 1 marked, 0 the claim has ended, 2 a newer screen took its place (the
--         claim is ended, the chat goes on with its next letter)
if redis.call('HGET', KEYS[2], ARGV[4]) ~= ARGV[3] then return 0 end
if redis.call('EXISTS', KEYS[3]) == 1 then
  redis.call('HSET', KEYS[3], 'begun', '1')
  return 1
end
redis.call('HDEL', KEYS[2], ARGV[4])
if redis.call('LLEN', ARGV[1] .. 'mail:of:' .. ARGV[4]) > 0 then
  redis.call('ZADD', KEYS[1], ARGV[2], ARGV[4])
else
  redis.call('ZREM', KEYS[1], ARGV[4])
end
return 2

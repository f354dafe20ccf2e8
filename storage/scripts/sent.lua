-- Removes a letter that was sent, whoever holds the chat by now, and ends the
-- claim if it is still the sender's.
--
-- KEYS  1 mail due   2 mail claims   3 letter   4 mail slots   5 mail later
-- ARGV  1 prefix of keys   2 now (ms)   3 claim's token   4 chat   5 letter id   6 slot
-- returns 1
local list = ARGV[1] .. 'mail:of:' .. ARGV[4]
local about = redis.call('HGET', KEYS[3], 'case')
if about then redis.call('SREM', ARGV[1] .. 'letters-of:' .. about, ARGV[5]) end
redis.call('DEL', KEYS[3])
redis.call('LREM', list, 0, ARGV[5])
redis.call('ZREM', KEYS[5], ARGV[5])
local field = ARGV[4] .. '|' .. ARGV[6]
if redis.call('HGET', KEYS[4], field) == ARGV[5] then redis.call('HDEL', KEYS[4], field) end
if redis.call('HGET', KEYS[2], ARGV[4]) == ARGV[3] then
  redis.call('HDEL', KEYS[2], ARGV[4])
  if redis.call('LLEN', list) > 0 then
    redis.call('ZADD', KEYS[1], ARGV[2], ARGV[4])
  else
    redis.call('ZREM', KEYS[1], ARGV[4])
  end
end
return 1

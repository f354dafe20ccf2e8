-- Marks a letter as being sent. One that was begun before and whose place a newer
-- screen has taken meanwhile is dropped: sent again, it would stand below the
-- newer one and look like the step in hand.
--
-- KEYS  1 mail due   2 mail claims   3 letter   4 mail slots
-- ARGV  1 prefix of keys   2 now (ms)   3 claim's token   4 chat   5 letter id   6 slot
-- returns 1 marked, 0 the claim has ended, 2 a newer screen took its place (the
--         claim is ended, the chat goes on with its next letter)
if redis.call('HGET', KEYS[2], ARGV[4]) ~= ARGV[3] then return 0 end
local list = ARGV[1] .. 'mail:of:' .. ARGV[4]
if redis.call('EXISTS', KEYS[3]) == 1 then
  local newest = ARGV[6] ~= '' and redis.call('HGET', KEYS[4], ARGV[4] .. '|' .. ARGV[6])
  if not newest or newest == ARGV[5] or redis.call('HGET', KEYS[3], 'begun') == '0' then
    redis.call('HSET', KEYS[3], 'begun', '1')
    return 1
  end
  redis.call('DEL', KEYS[3])
  redis.call('LREM', list, 0, ARGV[5])
end
redis.call('HDEL', KEYS[2], ARGV[4])
if redis.call('LLEN', list) > 0 then
  redis.call('ZADD', KEYS[1], ARGV[2], ARGV[4])
else
  redis.call('ZREM', KEYS[1], ARGV[4])
end
return 2

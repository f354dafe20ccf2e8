-- Reads the oldest job effects that are due, without removing them. Effects that
-- have become due join the end of the order first.
--
-- KEYS  1 outbox ready   2 outbox later   3 outbox order
-- ARGV  1 prefix of keys   2 now (ms)   3 how many at most
-- returns id, body, id, body, …
local prefix = ARGV[1]
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[2], 'LIMIT', 0, ARGV[3])) do
  redis.call('ZREM', KEYS[2], id)
  redis.call('ZADD', KEYS[1], redis.call('INCR', KEYS[3]), id)
end
local out = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, ARGV[3] - 1)) do
  local body = redis.call('HGET', prefix .. 'effect:' .. id, 'body')
  if body then
    out[#out + 1] = id
    out[#out + 1] = body
  else
    redis.call('ZREM', KEYS[1], id)
  end
end
return out

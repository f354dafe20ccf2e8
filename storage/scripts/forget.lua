-- Deletes a case and what belongs to it. Letters stay: the last of them tells
-- the person that the case is gone.
--
-- KEYS  1 case   2 effects of the case   3 unfinished   4 failed   5 expiry
--       6 outbox ready   7 outbox later   8 ledger   9 progress of the case  10 progress
-- ARGV  1 prefix of keys   2 case id
-- returns 1 there was such a case, 0 there was none
local prefix, id = ARGV[1], ARGV[2]
for _, effect in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  redis.call('DEL', prefix .. 'effect:' .. effect)
  redis.call('ZREM', KEYS[6], effect)
  redis.call('ZREM', KEYS[7], effect)
end
local actor = redis.call('HGET', KEYS[1], 'actor')
if actor then redis.call('ZREM', prefix .. 'cases:' .. actor, id) end
redis.call('ZREM', KEYS[3], id)
redis.call('ZREM', KEYS[4], id)
redis.call('ZREM', KEYS[5], id)
redis.call('ZREM', KEYS[10], id)
redis.call('DEL', KEYS[2], KEYS[8], KEYS[9])
return redis.call('DEL', KEYS[1])

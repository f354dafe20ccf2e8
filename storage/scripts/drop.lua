-- Removes job effects that were handed on.
--
-- KEYS  1 outbox ready   2 outbox later
-- ARGV  1 prefix of keys   2… ids
-- returns how many there were
local prefix, dropped = ARGV[1], 0
for i = 2, #ARGV do
  local id = ARGV[i]
  local key = prefix .. 'effect:' .. id
  local case = redis.call('HGET', key, 'case')
  if case and case ~= '' then redis.call('SREM', prefix .. 'effects-of:' .. case, id) end
  redis.call('ZREM', KEYS[1], id)
  redis.call('ZREM', KEYS[2], id)
  dropped = dropped + redis.call('DEL', key)
end
return dropped

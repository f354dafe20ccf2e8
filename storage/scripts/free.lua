-- Ends every claim: whoever held one is gone.
--
-- KEYS  1 mail due   2 mail claims
-- ARGV  1 now (ms)
-- returns how many there were
local chats = redis.call('HKEYS', KEYS[2])
for _, chat in ipairs(chats) do
  redis.call('ZADD', KEYS[1], 'XX', ARGV[1], chat)
end
redis.call('DEL', KEYS[2])
return #chats

-- Shuts a person out or lets them in again; being shut out ends their sessions.
--
-- KEYS  1 person   2 sessions of the person
-- ARGV  1 banned (1 or 0)   2 prefix of sessions
-- returns number of sessions ended
redis.call('HSET', KEYS[1], 'banned', ARGV[1])
redis.call('HINCRBY', KEYS[1], 'rev', 1)
if ARGV[1] ~= '1' then return 0 end
local ended = 0
for _, session in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do ended = ended + redis.call('DEL', ARGV[2] .. session) end
redis.call('DEL', KEYS[2])
return ended

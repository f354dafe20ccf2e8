-- Shuts a person out or lets them in again. Being shut out leaves their sessions
-- good for nothing but deleting what is theirs; being let in again ends those.
--
-- KEYS  1 person   2 sessions of the person
-- ARGV  1 banned (1 or 0)   2 prefix of sessions
-- returns number of sessions changed
redis.call('HSET', KEYS[1], 'banned', ARGV[1])
redis.call('HINCRBY', KEYS[1], 'rev', 1)
local changed = 0
for _, session in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  local key = ARGV[2] .. session
  if ARGV[1] == '1' and redis.call('EXISTS', key) == 1 then
    redis.call('HSET', key, 'shut', '1')
    changed = changed + 1
  elseif ARGV[1] ~= '1' and redis.call('HGET', key, 'shut') == '1' then
    changed = changed + redis.call('DEL', key)
    redis.call('ZREM', KEYS[2], session)
  end
end
return changed

-- Deletes a case and what belongs to it, also what lets someone in to it through a
-- browser. Letters stay: the last of them tells the person that the case is gone.
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

local door = prefix .. 'door:'
local page = redis.call('HGET', door .. 'token-of:' .. id, 'hash')
if page then redis.call('DEL', door .. 'case:' .. page) end
for _, link in ipairs(redis.call('HVALS', door .. 'links-of:' .. id)) do redis.call('DEL', door .. 'link:' .. link) end
for _, grant in ipairs(redis.call('SMEMBERS', door .. 'grants-of:' .. id)) do redis.call('DEL', door .. 'grant:' .. grant) end
for _, upload in ipairs(redis.call('SMEMBERS', door .. 'uploads-of:' .. id)) do
  local by = redis.call('HGET', door .. 'upload:' .. upload, 'actor')
  if by then redis.call('ZREM', door .. 'uploads-by:' .. by, upload) end
  redis.call('ZREM', door .. 'uploads', upload)
  redis.call('DEL', door .. 'upload:' .. upload)
end
if actor then -- a chat of the web is called as its person is
  local notices = door .. 'notices:' .. actor
  for _, notice in ipairs(redis.call('LRANGE', notices, 0, -1)) do
    if string.match(notice, '^[^\n]*\n([^\n]*)\n') == id then redis.call('LREM', notices, 0, notice) end
  end
end
redis.call('DEL', door .. 'token-of:' .. id, door .. 'links-of:' .. id, door .. 'grants-of:' .. id, door .. 'uploads-of:' .. id)

redis.call('ZREM', KEYS[3], id)
redis.call('ZREM', KEYS[4], id)
redis.call('ZREM', KEYS[5], id)
redis.call('ZREM', KEYS[10], id)
redis.call('DEL', KEYS[2], KEYS[8], KEYS[9])
return redis.call('DEL', KEYS[1])

-- Deletes a case and what belongs to it, also what lets someone in to it through a
-- browser, and the letters about it that were not sent: they hold the person's
-- words. One that is just being sent goes, too; its sender has what it needs. A
-- screen without a case whose place a newer one has taken would never be sent, but
-- may hold words from before the case had its number: it goes as well.
--
-- KEYS  1 case   2 effects of the case   3 unfinished   4 failed   5 expiry
--       6 outbox ready   7 outbox later   8 ledger   9 progress of the case  10 progress
--      11 letters of the case  12 notes of the case  13 mail later  14 mail slots
-- ARGV  1 prefix of keys   2 case id
-- returns 1 there was such a case, 0 there was none
local prefix, id = ARGV[1], ARGV[2]
for _, effect in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  redis.call('DEL', prefix .. 'effect:' .. effect)
  redis.call('ZREM', KEYS[6], effect)
  redis.call('ZREM', KEYS[7], effect)
end
local chats = {}
local function drop(letter)
  local key = prefix .. 'letter:' .. letter
  local l = redis.call('HMGET', key, 'chat', 'slot')
  if not l[1] then return end
  redis.call('DEL', key)
  redis.call('LREM', prefix .. 'mail:of:' .. l[1], 0, letter)
  redis.call('ZREM', KEYS[13], letter)
  local field = l[1] .. '|' .. (l[2] or '')
  if redis.call('HGET', KEYS[14], field) == letter then redis.call('HDEL', KEYS[14], field) end
  chats[l[1]] = true
end
for _, letter in ipairs(redis.call('SMEMBERS', KEYS[11])) do drop(letter) end
for _, note in ipairs(redis.call('SMEMBERS', KEYS[12])) do redis.call('DEL', prefix .. 'note:' .. note) end

local actor = redis.call('HGET', KEYS[1], 'actor')
if actor then chats[actor] = true end -- a private chat is called as its person is
for chat in pairs(chats) do
  for _, letter in ipairs(redis.call('LRANGE', prefix .. 'mail:of:' .. chat, 0, -1)) do
    local l = redis.call('HMGET', prefix .. 'letter:' .. letter, 'slot', 'case')
    if l[1] and l[1] ~= '' and not l[2] and redis.call('HGET', KEYS[14], chat .. '|' .. l[1]) ~= letter then drop(letter) end
  end
end
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
redis.call('DEL', KEYS[2], KEYS[8], KEYS[9], KEYS[11], KEYS[12])
return redis.call('DEL', KEYS[1])

-- Claims the chat that has been due longest and returns its first letter. The
-- claim ends by itself: the chat is due again when it does.
--
-- KEYS  1 mail due   2 mail later   3 mail claims   4 this call (remembers what it took)
-- ARGV  1 prefix of keys   2 now (ms)   3 claim's token   4 claim's length (ms)
-- returns id, body, begun (0, 1), since (ms), chat; nothing when no letter is due
local prefix, now, token, ttl = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

local function letter(id, chat)
  local l = redis.call('HMGET', prefix .. 'letter:' .. id, 'body', 'begun', 'since')
  if not l[1] then return nil end
  return {id, l[1], l[2], l[3], chat}
end

-- The answer of this call was lost and the client asks again.
local taken = redis.call('GET', KEYS[4])
if taken and redis.call('HGET', KEYS[3], taken) == token then
  local id = redis.call('LINDEX', prefix .. 'mail:of:' .. taken, 0)
  return id and letter(id, taken) or {}
end

for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 100)) do
  redis.call('ZREM', KEYS[2], id)
  local chat = redis.call('HGET', prefix .. 'letter:' .. id, 'chat')
  if chat then
    redis.call('RPUSH', prefix .. 'mail:of:' .. chat, id)
    redis.call('ZADD', KEYS[1], 'NX', now, chat)
  end
end

while true do
  local chat = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 1)[1]
  if not chat then return {} end
  local list = prefix .. 'mail:of:' .. chat
  local id = redis.call('LINDEX', list, 0)
  local found = id and letter(id, chat)
  if found then
    redis.call('ZADD', KEYS[1], string.format('%d', now + ttl), chat)
    redis.call('HSET', KEYS[3], chat, token)
    redis.call('SET', KEYS[4], chat, 'PX', ttl)
    return found
  elseif id then
    redis.call('LPOP', list) -- too old: it has ended by itself
  else
    redis.call('ZREM', KEYS[1], chat)
    redis.call('HDEL', KEYS[3], chat)
  end
end

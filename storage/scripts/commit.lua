-- Saves one step, all of it or nothing.
--
-- KEYS  1 mark of the event or commit   2 session   3 case   4 spend of the day
--       5 cases of the person   6 unfinished   7 failed   8 expiry
--       9 outbox ready  10 outbox later  11 outbox order
--      12 mail due  13 mail later  14 mail slots  15 refusals  16 the least refused
-- ARGV  1 prefix of keys   2 now (ms)   3 mark's value (this call)   4 mark's ttl (ms)
--       5 session: revision expected ("" = unchanged)   6 body   7 ttl (ms)
--       8 case: revision expected ("" = unchanged)   9 body  10 id  11 number  12 actor
--      13 unfinished (0, 1)  14 failed (0, 1)  15 expires (ms, 0 = never)
--      16 bytes spent  17 milliseconds spent  18 ttl of the day (ms)
--      19 ttl of a letter (ms)  20 ttl of notices (ms)  21 notices kept
--      22 refusal ("" = none)  23 what was refused (0 = not known)
--      24… effects, seven each: id, box (job, mail, notice), due (ms, 0 = now), chat, slot, case, body
-- returns 1 saved (also when this very call was saved before and its answer got
--         lost), 0 a revision has moved on, 2 the event was committed before
local prefix, now, nonce = ARGV[1], ARGV[2], ARGV[3]

local mark = redis.call('GET', KEYS[1])
if mark then
  if mark == nonce then return 1 end
  return 2
end
if ARGV[5] ~= '' and (redis.call('HGET', KEYS[2], 'rev') or '0') ~= ARGV[5] then return 0 end
if ARGV[8] ~= '' and (redis.call('HGET', KEYS[3], 'rev') or '0') ~= ARGV[8] then return 0 end

redis.call('SET', KEYS[1], nonce, 'PX', ARGV[4])

if ARGV[5] ~= '' then
  redis.call('HSET', KEYS[2], 'rev', string.format('%d', ARGV[5] + 1), 'body', ARGV[6])
  redis.call('PEXPIRE', KEYS[2], ARGV[7])
end

if ARGV[8] ~= '' then
  local id = ARGV[10]
  redis.call('HSET', KEYS[3], 'rev', string.format('%d', ARGV[8] + 1), 'body', ARGV[9], 'actor', ARGV[12])
  redis.call('ZADD', KEYS[5], ARGV[11], id)
  if ARGV[13] == '1' then redis.call('ZADD', KEYS[6], 'NX', now, id) else redis.call('ZREM', KEYS[6], id) end
  if ARGV[14] == '1' then redis.call('ZADD', KEYS[7], 'NX', now, id) else redis.call('ZREM', KEYS[7], id) end
  if ARGV[15] ~= '0' then redis.call('ZADD', KEYS[8], ARGV[15], id) else redis.call('ZREM', KEYS[8], id) end
end

if ARGV[16] ~= '0' or ARGV[17] ~= '0' then
  redis.call('HINCRBY', KEYS[4], 'bytes', ARGV[16])
  redis.call('HINCRBY', KEYS[4], 'ms', ARGV[17])
  redis.call('PEXPIRE', KEYS[4], ARGV[18])
end

if ARGV[22] ~= '' then
  redis.call('HINCRBY', KEYS[15], ARGV[22], 1)
  local least = tonumber(redis.call('HGET', KEYS[16], ARGV[22]) or '0')
  if ARGV[23] ~= '0' and (least == 0 or tonumber(ARGV[23]) < least) then redis.call('HSET', KEYS[16], ARGV[22], ARGV[23]) end
end

for i = 24, #ARGV, 7 do
  local id, box, due, chat, slot, case, body =
    ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], ARGV[i + 6]
  if box == 'job' then
    redis.call('HSET', prefix .. 'effect:' .. id, 'body', body, 'case', case)
    if case ~= '' then redis.call('SADD', prefix .. 'effects-of:' .. case, id) end
    if due == '0' then
      redis.call('ZADD', KEYS[9], redis.call('INCR', KEYS[11]), id)
    else
      redis.call('ZADD', KEYS[10], due, id)
    end
  elseif box == 'notice' then
    -- A chat of the web has no sender: its pages show what was said. A line each
    -- for slot, case and due, then the effect.
    local notices = prefix .. 'door:notices:' .. chat
    if slot ~= '' then
      for _, old in ipairs(redis.call('LRANGE', notices, 0, -1)) do
        if string.match(old, '^([^\n]*)\n') == slot then redis.call('LREM', notices, 0, old) end
      end
    end
    redis.call('RPUSH', notices, table.concat({slot, case, due == '0' and now or due, body}, '\n'))
    redis.call('LTRIM', notices, -tonumber(ARGV[21]), -1)
    redis.call('PEXPIRE', notices, ARGV[20])
  else
    local list = prefix .. 'mail:of:' .. chat
    if slot ~= '' then
      -- The newer screen takes the place of one that nobody began to send.
      local field = chat .. '|' .. slot
      local old = redis.call('HGET', KEYS[14], field)
      if old and redis.call('HGET', prefix .. 'letter:' .. old, 'begun') == '0' then
        local about = redis.call('HGET', prefix .. 'letter:' .. old, 'case')
        if about then redis.call('SREM', prefix .. 'letters-of:' .. about, old) end
        redis.call('DEL', prefix .. 'letter:' .. old)
        redis.call('LREM', list, 0, old)
        redis.call('ZREM', KEYS[13], old)
      end
      redis.call('HSET', KEYS[14], field, id)
    end
    local letter = prefix .. 'letter:' .. id
    redis.call('HSET', letter, 'body', body, 'chat', chat, 'slot', slot, 'since', now, 'begun', '0')
    local lives = ARGV[19]
    if due ~= '0' then lives = string.format('%d', due - now + ARGV[19]) end
    redis.call('PEXPIRE', letter, lives)
    if case ~= '' then -- it goes with the case
      redis.call('HSET', letter, 'case', case)
      local all = prefix .. 'letters-of:' .. case
      redis.call('SADD', all, id)
      if redis.call('PTTL', all) < tonumber(lives) then redis.call('PEXPIRE', all, lives) end
    end
    if due == '0' then
      redis.call('RPUSH', list, id)
      redis.call('ZADD', KEYS[12], 'NX', now, chat)
    else
      redis.call('ZADD', KEYS[13], due, id)
    end
  end
end
return 1

-- Remembers how often an item of a delivery was begun without a known end.
-- A field holds "<begun>|<call>|<answer given to that call>" or "sent|<message>".
--
-- KEYS  1 ledger
-- ARGV  1 field   2 begin, sent or unsent   3 this call   4 message   5 ttl (ms)
-- returns the mark before: "" new, uncertain, uncertain-twice, sent
local marks = {[0] = '', [1] = 'uncertain', [2] = 'uncertain-twice'}
local value = redis.call('HGET', KEYS[1], ARGV[1])
if value and string.sub(value, 1, 5) == 'sent|' then return 'sent' end

local begun, call, answer = 0, '', ''
if value then
  local n, c, a = string.match(value, '^(%d+)|([^|]*)|(.*)$')
  begun, call, answer = tonumber(n), c, a
end
if call ~= '' and call == ARGV[3] then return answer end -- the answer of this call was lost

local mark = marks[begun]
if ARGV[2] == 'begin' then
  redis.call('HSET', KEYS[1], ARGV[1], math.min(begun + 1, 2) .. '|' .. ARGV[3] .. '|' .. mark)
elseif ARGV[2] == 'sent' then
  redis.call('HSET', KEYS[1], ARGV[1], 'sent|' .. ARGV[4])
elseif begun > 1 then
  redis.call('HSET', KEYS[1], ARGV[1], (begun - 1) .. '|' .. ARGV[3] .. '|' .. mark)
else
  redis.call('HDEL', KEYS[1], ARGV[1])
end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return mark

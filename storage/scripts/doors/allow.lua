-- Counts one try against a rate: as many at once as the rate allows in its whole
-- time, then one each time its share of the time has passed.
--
-- KEYS  1 rate (hash: full = when it is whole again, in ms; call, wait = the last call and its answer)
-- ARGV  1 this call   2 now (ms)   3 time of one try (ms, a fraction)   4 tries at once
-- returns 0 allowed, else the wait in ms; the same for a call that is sent again
local r = redis.call('HMGET', KEYS[1], 'full', 'call', 'wait')
if r[2] == ARGV[1] then return tonumber(r[3]) end
local now, each = tonumber(ARGV[2]), tonumber(ARGV[3])
local full = math.max(now, tonumber(r[1] or 0)) + each
local wait = math.max(0, math.ceil(full - now - each * tonumber(ARGV[4])))
if wait > 0 then
  full = full - each
else
  redis.call('HSET', KEYS[1], 'full', string.format('%.3f', full))
end
redis.call('HSET', KEYS[1], 'call', ARGV[1], 'wait', string.format('%d', wait))
redis.call('PEXPIRE', KEYS[1], string.format('%d', math.ceil(full - now) + 60000))
return wait

-- Everything we keep, as it is at one moment, ready for RESTORE. Leases and the
-- queue's own keys are left out: they only say who works now.
--
-- ARGV[1] prefix of the keys
-- ARGV[2] prefix of those left out
-- returns key, milliseconds left to live (-1 = for ever), dump, key, …
local out = {}
for _, key in ipairs(redis.call("KEYS", ARGV[1] .. "*")) do
  if string.sub(key, 1, #ARGV[2]) ~= ARGV[2] then
    out[#out + 1] = key
    out[#out + 1] = redis.call("PTTL", key)
    out[#out + 1] = redis.call("DUMP", key)
  end
end
return out

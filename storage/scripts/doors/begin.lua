-- Records a new upload and counts it against its grant.
--
-- KEYS  1 upload   2 grant   3 case   4 all uploads   5 uploads of the person   6 uploads of the case
-- ARGV  1 upload id   2 body   3 bytes   4 grant id   5 case id ("" = none)   6 actor
--       7 now (ms)   8 ttl of the record (ms)   9 bytes at most   10 files at most
-- returns 1 done (also when it was begun before), 0 no such grant or case, 2 over the grant,
--         3 the id is another grant's
local begun = redis.call('HGET', KEYS[1], 'grant')
if begun then return begun == ARGV[4] and 1 or 3 end
local g = redis.call('HMGET', KEYS[2], 'bytes', 'files', 'expires', 'used', 'begun')
if not g[1] or tonumber(ARGV[7]) >= tonumber(g[3]) then return 0 end
if ARGV[5] ~= '' and redis.call('EXISTS', KEYS[3]) == 0 then return 0 end
local bytes, files = math.min(tonumber(g[1]), tonumber(ARGV[9])), math.min(tonumber(g[2]), tonumber(ARGV[10]))
if tonumber(g[4] or 0) + tonumber(ARGV[3]) > bytes then return 2 end
if tonumber(g[5] or 0) + 1 > files then return 2 end
redis.call('HINCRBY', KEYS[2], 'used', ARGV[3])
redis.call('HINCRBY', KEYS[2], 'begun', 1)
redis.call('HSET', KEYS[1], 'rev', '1', 'body', ARGV[2], 'grant', ARGV[4], 'bytes', ARGV[3], 'case', ARGV[5],
  'actor', ARGV[6], 'held', '1', 'state', 'receiving', 'changed', ARGV[7])
redis.call('PEXPIRE', KEYS[1], ARGV[8])
redis.call('ZADD', KEYS[4], ARGV[7], ARGV[1])
redis.call('ZADD', KEYS[5], ARGV[7], ARGV[1])
redis.call('PEXPIRE', KEYS[5], ARGV[8])
if ARGV[5] ~= '' then redis.call('SADD', KEYS[6], ARGV[1]) end
return 1

-- Logs a browser in. Someone who is banned gets a session for deleting what is
-- theirs, if that is what was asked for, and nobody else gets one of that kind.
-- Bears running twice.
--
-- KEYS  1 session   2 person   3 sessions of the person
-- ARGV  1 actor   2 language   3 now (ms)   4 when it ends (ms)   5 hash of the session
--       6 to delete only (1 or 0)
-- returns 1 done, 0 the person is banned, or is not and asked for a session to delete only
local banned = redis.call('HGET', KEYS[2], 'banned') == '1'
if banned ~= (ARGV[6] == '1') then return 0 end
redis.call('HSET', KEYS[1], 'actor', ARGV[1], 'lang', ARGV[2], 'created', ARGV[3], 'expires', ARGV[4])
if banned then redis.call('HSET', KEYS[1], 'shut', '1') end
redis.call('PEXPIRE', KEYS[1], ARGV[4] - ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', ARGV[3])
redis.call('ZADD', KEYS[3], ARGV[4], ARGV[5])
redis.call('PEXPIRE', KEYS[3], ARGV[4] - ARGV[3])
return 1

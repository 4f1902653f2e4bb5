-- Stores a token under a name that nobody has yet.
-- KEYS[1] hash: name -> digest; KEYS[2] hash: digest -> record (JSON); KEYS[3] set: digests revoked
-- ARGV[1] name; ARGV[2] digest; ARGV[3] record
-- returns 1 when stored, 0 when the name is taken, -1 when the same text is another token already, -2 when it was revoked
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then
  return 0
end
if redis.call('HEXISTS', KEYS[2], ARGV[2]) == 1 then
  return -1
end
if redis.call('SISMEMBER', KEYS[3], ARGV[2]) == 1 then
  return -2
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
return 1

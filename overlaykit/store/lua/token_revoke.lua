-- Forgets a token, and remembers that its text is worth nothing any more.
-- KEYS[1] hash: name -> digest; KEYS[2] hash: digest -> record; KEYS[3] set: digests revoked; KEYS[4] hash: name -> last used
-- ARGV[1] name
-- returns 1 when there was one, else 0
local digest = redis.call('HGET', KEYS[1], ARGV[1])
if not digest then
  return 0
end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], digest)
redis.call('HDEL', KEYS[4], ARGV[1])
redis.call('SADD', KEYS[3], digest)
return 1

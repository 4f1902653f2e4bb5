-- Forgets a token.
-- KEYS[1] hash: name -> digest; KEYS[2] hash: digest -> record; ARGV[1] name
-- returns 1 when there was one, else 0
local digest = redis.call('HGET', KEYS[1], ARGV[1])
if not digest then
  return 0
end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], digest)
return 1

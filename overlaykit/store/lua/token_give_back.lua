-- Stores tokens in a store that knows none, as one that had lost them is given them back.
-- KEYS[1] hash: name -> digest; KEYS[2] hash: digest -> record (JSON); KEYS[3] set: digests revoked
-- ARGV[1] JSON [[name, digest, record], ...]; ARGV[2] JSON [digest revoked, ...]
-- returns 1 when stored, 0 when the store knows some
if redis.call('EXISTS', KEYS[1], KEYS[2], KEYS[3]) > 0 then
  return 0
end
for _, token in ipairs(cjson.decode(ARGV[1])) do
  redis.call('HSET', KEYS[1], token[1], token[2])
  redis.call('HSET', KEYS[2], token[2], token[3])
end
for _, digest in ipairs(cjson.decode(ARGV[2])) do
  redis.call('SADD', KEYS[3], digest)
end
return 1

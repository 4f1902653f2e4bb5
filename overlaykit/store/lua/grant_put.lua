-- Keeps a grant, unless another took its place since it was read.
-- KEYS[1] the grants: hash, app and shop -> what is kept
-- ARGV[1] app and shop; ARGV[2] what is kept from now on; ARGV[3] what was there when it was read, '' for whatever is there
-- returns 1, or 0 when something else is there and nothing was changed
if ARGV[3] ~= '' and redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[3] then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1

-- Gives letters of a pile back to their app's queue, at its end.
-- KEYS[1] sorted set of the app's queue: id -> position; KEYS[2] sorted set of the pile; KEYS[3] hash of the pile: id -> why
-- KEYS[4] counter of positions; KEYS[5] list: at most one word that something has come
-- ARGV[1] ms after which an inbox that nobody uses is forgotten; then ids
-- returns how many there were
local given = 0
for at = 2, #ARGV do
  if redis.call('ZREM', KEYS[2], ARGV[at]) == 1 then
    redis.call('HDEL', KEYS[3], ARGV[at])
    redis.call('ZADD', KEYS[1], redis.call('INCR', KEYS[4]), ARGV[at])
    given = given + 1
  end
end
if given > 0 then
  redis.call('LPUSH', KEYS[5], '1')
  redis.call('LTRIM', KEYS[5], 0, 0)
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  redis.call('PEXPIRE', KEYS[5], ARGV[1])
end
return given

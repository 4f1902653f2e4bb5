-- Gives letters of a pile back to their app's queue, at its end.
-- KEYS[1] sorted set of the app's queue: id -> position; KEYS[2] sorted set of the pile; KEYS[3] hash of the pile: id -> why
-- KEYS[4] the last position, which grows with the clock; KEYS[5] list: at most one word that something has come
-- KEYS[6] hash: id -> delivery; KEYS[7] hash: app -> bytes of its queue
-- ARGV[1] ms after which an inbox that nobody uses is forgotten; ARGV[2] the app; then ids
-- returns how many there were
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local position = tonumber(redis.call('GET', KEYS[4]) or 0)
local given = 0
for at = 3, #ARGV do
  if redis.call('ZREM', KEYS[2], ARGV[at]) == 1 then
    redis.call('HDEL', KEYS[3], ARGV[at])
    position = math.max(position + 1, now * 1000)
    redis.call('ZADD', KEYS[1], string.format('%d', position), ARGV[at])
    redis.call('HINCRBY', KEYS[7], ARGV[2], redis.call('HSTRLEN', KEYS[6], ARGV[at]))
    given = given + 1
  end
end
if given > 0 then
  redis.call('SET', KEYS[4], string.format('%d', position))
  redis.call('LPUSH', KEYS[5], '1')
  redis.call('LTRIM', KEYS[5], 0, 0)
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  redis.call('PEXPIRE', KEYS[4], ARGV[1])
  redis.call('PEXPIRE', KEYS[5], ARGV[1])
  redis.call('PEXPIRE', KEYS[7], ARGV[1])
end
return given

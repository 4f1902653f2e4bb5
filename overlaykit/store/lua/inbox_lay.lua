-- Lays a delivery from its queue onto a pile, where it waits for a person.
-- KEYS[1] hash: id -> delivery; KEYS[2] sorted set of the app's queue: id -> position
-- KEYS[3] sorted set of the pile: id -> when it was laid there, ms; KEYS[4] hash of the pile: id -> why (JSON)
-- KEYS[5] hash: app -> bytes of its queue
-- ARGV[1] id; ARGV[2] what is left of the delivery (JSON); ARGV[3] why; ARGV[4] letters of one pile at most
-- ARGV[5] ms after which an inbox that nobody uses is forgotten; ARGV[6] the app
-- returns 1 laid, 0 the pile is full and it waits on, -1 it is not in the queue
if not redis.call('ZSCORE', KEYS[2], ARGV[1]) then
  return -1
end
if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[4]) then
  return 0
end
local time = redis.call('TIME')
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HINCRBY', KEYS[5], ARGV[6], -redis.call('HSTRLEN', KEYS[1], ARGV[1]))
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[3], string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000)), ARGV[1])
redis.call('HSET', KEYS[4], ARGV[1], ARGV[3])
for _, key in ipairs(KEYS) do
  redis.call('PEXPIRE', key, ARGV[5])
end
return 1

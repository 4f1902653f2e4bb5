-- Says what came of a message: it has ended, or goes back into its queue for a later attempt.
-- KEYS[1] fencing counter of the gateway's lease; KEYS[2] hash: id -> message; KEYS[3] hash: id -> state
-- KEYS[4] sorted set of its queue; KEYS[5] sorted set: id -> when it ended; KEYS[6] hash: id -> dead letter
-- KEYS[7] sorted set: id -> when it died
-- ARGV[1] fencing token; ARGV[2] id; ARGV[3] ms until the next attempt, -1: it has ended
-- ARGV[4] dead letter (JSON without its time), "" when it is none; ARGV[5] dead letters at most; ARGV[6] ms they are kept
-- returns 1 done, 0 fenced, -1 not in the queue
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
local state = redis.call('HGET', KEYS[3], ARGV[2])
if not state then
  return -1
end
if tonumber(ARGV[3]) >= 0 then
  redis.call('HSET', KEYS[3], ARGV[2], 'queued ' .. string.match(state, '%d+ %d+'))
  redis.call('ZADD', KEYS[4], string.format('%d', now + ARGV[3]), ARGV[2])
  return 1
end
redis.call('HDEL', KEYS[2], ARGV[2])
redis.call('HDEL', KEYS[3], ARGV[2])
redis.call('ZREM', KEYS[4], ARGV[2])
redis.call('ZADD', KEYS[5], string.format('%d', now), ARGV[2])
if ARGV[4] ~= '' then
  redis.call('HSET', KEYS[6], ARGV[2], ARGV[4])
  redis.call('ZADD', KEYS[7], string.format('%d', now), ARGV[2])
  for _, id in ipairs(redis.call('ZRANGE', KEYS[7], 0, -1 - ARGV[5])) do
    redis.call('HDEL', KEYS[6], id)
    redis.call('ZREM', KEYS[7], id)
  end
  redis.call('PEXPIRE', KEYS[6], ARGV[6])
  redis.call('PEXPIRE', KEYS[7], ARGV[6])
end
redis.call('PEXPIRE', KEYS[5], ARGV[6])
return 1

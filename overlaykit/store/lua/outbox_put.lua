-- Queues a message, once: an id that waits or has ended is not taken again.
-- KEYS[1] hash: id -> message (JSON); KEYS[2] hash: id -> "queued ATTEMPTS FIRST" or "started ATTEMPTS FIRST"; FIRST: when it was begun first, ms
-- KEYS[3] sorted set of one queue: id -> when it is due, ms on this server's clock, fractions by order of arrival
-- KEYS[4] sorted set: id -> when it ended, ms; KEYS[5] list: at most one word that something has come; KEYS[6] counter
-- ARGV[1] id; ARGV[2] message; ARGV[3] messages of one queue at most; ARGV[4] ms for which an ended id is remembered
-- ARGV[5] ended ids at most; ARGV[6] ms after which an outbox that nobody uses is forgotten
-- returns "queued", "duplicate" or "full"
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 or redis.call('ZSCORE', KEYS[4], ARGV[1]) then
  return 'duplicate'
end
if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[3]) then
  return 'full'
end
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', string.format('%d', now - ARGV[4]))
redis.call('ZREMRANGEBYRANK', KEYS[4], 0, -1 - ARGV[5])
local count = redis.call('INCR', KEYS[6])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('HSET', KEYS[2], ARGV[1], 'queued 0 0')
redis.call('ZADD', KEYS[3], string.format('%d.%03d', now, count % 1000), ARGV[1])
redis.call('LPUSH', KEYS[5], '1')
redis.call('LTRIM', KEYS[5], 0, 0)
for _, key in ipairs(KEYS) do
  redis.call('PEXPIRE', key, ARGV[6])
end
return 'queued'

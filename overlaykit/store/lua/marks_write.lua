-- Keeps what was told of orders, and what is done for good.
-- KEYS[1] hash: order (digest) -> what was told of it; KEYS[2] sorted set: order -> when it was told of last, ms on this server's clock
-- KEYS[3] hash: what is done for good (digest) -> units; KEYS[4] fencing counter of the gateway's lease
-- ARGV[1] fencing token; ARGV[2] orders at most, those told of last; ARGV[3] how many pairs for KEYS[1] follow; the rest are pairs for
-- KEYS[3]
-- returns how many orders left for want of room; -1 fenced, and nothing is kept
if redis.call('GET', KEYS[4]) ~= ARGV[1] then
  return -1
end
local time = redis.call('TIME')
local now = string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000))
local marks = 3 + 2 * ARGV[3]
for i = 4, marks, 2 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  redis.call('ZADD', KEYS[2], now, ARGV[i])
end
for i = marks + 1, #ARGV, 2 do
  redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 1])
end
local over = redis.call('ZCARD', KEYS[2]) - ARGV[2]
if over <= 0 then return 0 end
local gone = redis.call('ZPOPMIN', KEYS[2], over)
for i = 1, #gone, 2 do redis.call('HDEL', KEYS[1], gone[i]) end
return over

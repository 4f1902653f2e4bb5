-- The message of a queue that is due first. Changes nothing.
-- KEYS[1] hash: id -> message; KEYS[2] hash: id -> state; KEYS[3] sorted set of the queue: id -> when it is due
-- returns {now in ms, messages in the queue, when the first is due (ms, -1 without one), message or false, its state or false}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local first = redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')
local waiting = redis.call('ZCARD', KEYS[3])
if #first == 0 then
  return {now, 0, -1, false, false}
end
local due = math.floor(tonumber(first[2]))
if due > now then
  return {now, waiting, due, false, false}
end
return {now, waiting, due, redis.call('HGET', KEYS[1], first[1]), redis.call('HGET', KEYS[2], first[1])}

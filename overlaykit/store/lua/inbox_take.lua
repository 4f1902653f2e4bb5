-- What waits of one app, in the order in which it came. Changes nothing.
-- KEYS[1] hash: id -> delivery (JSON); KEYS[2] sorted set of the app's queue: id -> position
-- ARGV[1] the position after which; ARGV[2] deliveries at most
-- returns {now in ms, deliveries in the queue, then for each: its position, its JSON}
local time = redis.call('TIME')
local answer = {time[1] * 1000 + math.floor(time[2] / 1000), redis.call('ZCARD', KEYS[2])}
local found = redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
for at = 1, #found, 2 do
  local text = redis.call('HGET', KEYS[1], found[at])
  if text then
    answer[#answer + 1] = tonumber(found[at + 1])
    answer[#answer + 1] = text
  end
end
return answer

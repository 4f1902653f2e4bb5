-- Counts a request to press a button, and says whether it is a press.
-- KEYS[1] hash of the button: second, count, at, session, id; KEYS[2] hash: name of a token -> when it pressed last, ms
-- ARGV[1] name; ARGV[2] session; ARGV[3] id of this press; ARGV[4] ms within which another counts with it; ARGV[5] requests a second
-- returns {"first", id}, {"repeated", id of the press that it counts with}, or {"too_many", ""}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = redis.call('HMGET', KEYS[1], 'second', 'count', 'at', 'session', 'id')
local count = 1
if known[1] == time[1] then
  count = tonumber(known[2]) + 1
end
redis.call('HSET', KEYS[1], 'second', time[1], 'count', count)
redis.call('EXPIRE', KEYS[1], 5)
if count > tonumber(ARGV[5]) then
  return {'too_many', ''}
end
if known[3] and known[4] == ARGV[2] and now - tonumber(known[3]) < tonumber(ARGV[4]) then
  return {'repeated', known[5]}
end
redis.call('HSET', KEYS[1], 'at', now, 'session', ARGV[2], 'id', ARGV[3])
redis.call('HSET', KEYS[2], ARGV[1], now)
return {'first', ARGV[3]}

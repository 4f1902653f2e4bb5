-- Notes that a message is about to go out.
-- KEYS[1] fencing counter of the gateway's lease; KEYS[2] hash: id -> state
-- ARGV[1] fencing token; ARGV[2] id; ARGV[3] "1": it must not go out twice; ARGV[4] when it expires, ms, or ""
-- returns the number of this attempt (1 ...), or 0 fenced, -1 not in the queue, -2 begun before, -3 expired before the first
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
local state = redis.call('HGET', KEYS[2], ARGV[2])
if not state then
  return -1
end
local word, attempts, first = string.match(state, '^(%a+) (%d+) (%d+)$')
if word == 'started' and ARGV[3] == '1' then
  return -2
end
if attempts == '0' and ARGV[4] ~= '' and now > tonumber(ARGV[4]) then
  return -3
end
if first == '0' then
  first = string.format('%d', now)
end
redis.call('HSET', KEYS[2], ARGV[2], string.format('started %d %s', attempts + 1, first))
return attempts + 1

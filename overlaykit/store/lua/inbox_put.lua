-- Keeps what one message of a platform brought: all of it, or nothing when there is no room. What was kept before is passed over.
-- KEYS[1] hash: id -> delivery (JSON); KEYS[2] sorted set of the app's queue: id -> position
-- KEYS[3] sorted set: id -> when it was kept, ms on this server's clock; KEYS[4] the last position: it grows with the clock, so that
-- a gateway that goes on after the store has lost something finds what comes then
-- KEYS[5] list: at most one word that something has come; KEYS[6] list of odd messages (JSON), the last one first
-- KEYS[7] hash: "NAME COUNTER" -> number; KEYS[8] hash: app -> its trouble (JSON); KEYS[9] hash: app -> bytes of its queue
-- ARGV[1] deliveries of one queue at most; ARGV[2] ms for which an id is remembered; ARGV[3] remembered ids at most
-- ARGV[4] odd messages at most; ARGV[5] ms after which an inbox that nobody uses is forgotten; ARGV[6] name of the app
-- ARGV[7] "1": they came in a message, so the trouble is over; ARGV[8] bytes of one queue at most
-- then for each delivery: its id, the name of its channel, its JSON or "" when nothing waits of it, its odd message or ""
-- returns {1, 1 or 0 for each delivery: whether it is new}, or {0} when the queue is full
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local now_text = string.format('%d', now)
local fresh, coming, bytes, seen_here = {}, 0, 0, {}
for at = 9, #ARGV, 4 do
  local id = ARGV[at]
  local is_new = not seen_here[id] and not redis.call('ZSCORE', KEYS[3], id) and redis.call('HEXISTS', KEYS[1], id) == 0
  seen_here[id] = true
  fresh[#fresh + 1] = is_new
  if is_new and ARGV[at + 2] ~= '' then
    coming, bytes = coming + 1, bytes + #ARGV[at + 2]
  end
end
local waiting = redis.call('ZCARD', KEYS[2])
if waiting == 0 then
  redis.call('HDEL', KEYS[9], ARGV[6])
end
local held = tonumber(redis.call('HGET', KEYS[9], ARGV[6]) or 0)
if coming > 0 and (waiting + coming > tonumber(ARGV[1]) or held + bytes > tonumber(ARGV[8])) then
  redis.call('HINCRBY', KEYS[7], 'app.' .. ARGV[6] .. ' full', 1)
  return {0}
end
local position = tonumber(redis.call('GET', KEYS[4]) or 0)
local answer = {1}
for index, is_new in ipairs(fresh) do
  local at = 9 + (index - 1) * 4
  local id, channel = ARGV[at], 'channel.' .. ARGV[at + 1]
  answer[index + 1] = is_new and 1 or 0
  redis.call('HINCRBY', KEYS[7], channel .. ' received', 1)
  redis.call('HSET', KEYS[7], channel .. ' heard_ms', now_text)
  if is_new then
    redis.call('ZADD', KEYS[3], now_text, id)
    if ARGV[at + 2] ~= '' then
      redis.call('HSET', KEYS[1], id, ARGV[at + 2])
      position = math.max(position + 1, now * 1000)
      redis.call('ZADD', KEYS[2], string.format('%d', position), id)
    end
    if ARGV[at + 3] ~= '' then
      redis.call('LPUSH', KEYS[6], ARGV[at + 3])
      redis.call('HINCRBY', KEYS[7], 'app.' .. ARGV[6] .. ' unknown', 1)
    end
  else
    redis.call('HINCRBY', KEYS[7], channel .. ' duplicates', 1)
  end
end
if coming > 0 then
  redis.call('SET', KEYS[4], string.format('%d', position))
  redis.call('HINCRBY', KEYS[9], ARGV[6], bytes)
end
if ARGV[7] == '1' then
  redis.call('HDEL', KEYS[8], ARGV[6])
end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', string.format('%d', now - ARGV[2]))
redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -1 - ARGV[3])
redis.call('LTRIM', KEYS[6], 0, ARGV[4] - 1)
if coming > 0 then
  redis.call('LPUSH', KEYS[5], '1')
  redis.call('LTRIM', KEYS[5], 0, 0)
end
for _, key in ipairs(KEYS) do
  redis.call('PEXPIRE', key, ARGV[5])
end
return answer

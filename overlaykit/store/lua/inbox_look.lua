-- All of an inbox that people look at, at one moment. Changes nothing.
-- KEYS[1] hash: id -> delivery; KEYS[2] and KEYS[3] sorted set and hash of the pile aside; KEYS[4] and KEYS[5] those of the dead one
-- KEYS[6] list of odd messages; KEYS[7] hash: "NAME COUNTER" -> number; KEYS[8] hash: app -> its trouble (JSON)
-- KEYS[9] ... the queues of the apps asked for
-- ARGV[1] letters of each pile at most, the last ones; ARGV[2] odd messages at most
-- returns {now in ms, counters, odd messages, pile aside, dead pile, troubles, then for each queue: {deliveries, the oldest one's JSON or ""}}
-- a pile: {letters in all, then for each: when it was laid there, ms; why; its JSON}
local function pile(ids, why)
  local answer = {redis.call('ZCARD', ids)}
  local found = redis.call('ZREVRANGE', ids, 0, ARGV[1] - 1, 'WITHSCORES')
  for at = 1, #found, 2 do
    local text = redis.call('HGET', KEYS[1], found[at])
    if text then
      answer[#answer + 1] = tonumber(found[at + 1])
      answer[#answer + 1] = redis.call('HGET', why, found[at]) or ''
      answer[#answer + 1] = text
    end
  end
  return answer
end
local time = redis.call('TIME')
local answer = {
  time[1] * 1000 + math.floor(time[2] / 1000), redis.call('HGETALL', KEYS[7]), redis.call('LRANGE', KEYS[6], 0, ARGV[2] - 1),
  pile(KEYS[2], KEYS[3]), pile(KEYS[4], KEYS[5]),
  redis.call('HGETALL', KEYS[8]),
}
for at = 9, #KEYS do
  local first = redis.call('ZRANGE', KEYS[at], 0, 0)
  local text = #first > 0 and redis.call('HGET', KEYS[1], first[1]) or ''
  answer[#answer + 1] = {redis.call('ZCARD', KEYS[at]), text or ''}
end
return answer

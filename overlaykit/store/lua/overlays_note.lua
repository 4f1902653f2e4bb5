-- Notes the open overlay pages of one web process, and forgets those that were closed long ago.
-- KEYS[1] hash: page → its report
-- KEYS[2] sorted set: page → until when it counts as open, ms on this server's clock
-- ARGV[1] ms for which a note holds; ARGV[2] ms for which a closed page is remembered; ARGV[3] pages kept at most
-- ARGV[4] n; then n pairs of page and report; the rest are pages that left
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local open_until = string.format('%d', now + ARGV[1])
local last_noted = 4 + 2 * ARGV[4]
for at = 5, last_noted, 2 do
  redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1])
  redis.call('ZADD', KEYS[2], open_until, ARGV[at])
end
for at = last_noted + 1, #ARGV do
  local score = redis.call('ZSCORE', KEYS[2], ARGV[at])
  if score and tonumber(score) > now then
    redis.call('ZADD', KEYS[2], string.format('%d', now), ARGV[at])
  end
end
local function forget(pages)
  for _, page in ipairs(pages) do
    redis.call('HDEL', KEYS[1], page)
    redis.call('ZREM', KEYS[2], page)
  end
end
forget(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', string.format('%d', now - ARGV[2])))
forget(redis.call('ZRANGE', KEYS[2], 0, -1 - ARGV[3]))
for _, key in ipairs(KEYS) do
  redis.call('PEXPIRE', key, ARGV[1] + ARGV[2])
end
return redis.status_reply('OK')

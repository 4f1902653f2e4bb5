-- Counts, and keeps an odd message for a while.
-- KEYS[1] list of odd messages (JSON), the last one first; KEYS[2] hash: "NAME COUNTER" -> number
-- ARGV[1] ms after which an inbox that nobody uses is forgotten; ARGV[2] odd messages at most; ARGV[3] odd message or ""
-- then pairs: "NAME COUNTER", how much more
-- returns nothing
if ARGV[3] ~= '' then
  redis.call('LPUSH', KEYS[1], ARGV[3])
  redis.call('LTRIM', KEYS[1], 0, ARGV[2] - 1)
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
for at = 4, #ARGV, 2 do
  redis.call('HINCRBY', KEYS[2], ARGV[at], ARGV[at + 1])
end
redis.call('PEXPIRE', KEYS[2], ARGV[1])
return false

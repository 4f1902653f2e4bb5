-- Deliveries have ended: they are counted, or nobody wants them any more.
-- KEYS[1] hash: id -> delivery; KEYS[2] sorted set where they are: the app's queue, or the letters of a pile
-- KEYS[3] hash of that pile: id -> why (nothing is there of a queue); KEYS[4] hash: app -> bytes of its queue
-- ARGV[1] the app of the queue, "" of a pile; then ids; returns how many there were
local ended = 0
for at = 2, #ARGV do
  local id = ARGV[at]
  if redis.call('ZREM', KEYS[2], id) == 1 then
    if ARGV[1] ~= '' then
      redis.call('HINCRBY', KEYS[4], ARGV[1], -redis.call('HSTRLEN', KEYS[1], id))
    end
    redis.call('HDEL', KEYS[1], id)
    redis.call('HDEL', KEYS[3], id)
    ended = ended + 1
  end
end
return ended

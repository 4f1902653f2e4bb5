-- A press came to nothing: the next one is no repeat of it.
-- KEYS[1] hash of the button, as in press_take.lua; ARGV[1] id of the press
if redis.call('HGET', KEYS[1], 'id') == ARGV[1] then
  redis.call('HDEL', KEYS[1], 'at', 'session', 'id')
end
return 0

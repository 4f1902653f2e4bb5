-- Gives a lease back, so that the next one need not wait until it expires.
-- KEYS[1] the lease; ARGV[1] holder
-- returns 1 when it was the holder's, else 0
local found = redis.call('GET', KEYS[1])
if found and string.match(found, '^%d+ (.*)$') == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0

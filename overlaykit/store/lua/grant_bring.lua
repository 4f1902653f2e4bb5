-- What a platform sent the browser back with: taken once for each time that was asked.
-- KEYS[1] what was asked: string, expires by itself
-- KEYS[2] what was brought: hash, id -> {"asked": …, "query": …}
-- ARGV[1] id; ARGV[2] app; ARGV[3] the query, as JSON; ARGV[4] ms for which it waits
-- returns 1; 0 when nobody asked, it was brought before, or too long ago; -1 when another app was asked for
local asked = redis.call('GET', KEYS[1])
if not asked then
  return 0
end
if cjson.decode(asked).app ~= ARGV[2] then
  return -1
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[2], ARGV[1], '{"id":' .. cjson.encode(ARGV[1]) .. ',"asked":' .. asked .. ',"query":' .. ARGV[3] .. '}')
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return 1

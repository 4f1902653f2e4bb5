-- Every overlay page that is remembered.
-- KEYS as in overlays_note.lua
-- returns the time of this server, ms; then of each page: its name, until when it counts as open, its report
local time = redis.call('TIME')
local found = { time[1] * 1000 + math.floor(time[2] / 1000) }
local pages = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
for at = 1, #pages, 2 do
  local report = redis.call('HGET', KEYS[1], pages[at])
  if report then
    found[#found + 1] = pages[at]
    found[#found + 1] = pages[at + 1]
    found[#found + 1] = report
  end
end
return found

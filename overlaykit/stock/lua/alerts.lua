-- Alerts: what somebody at the desk has to see, until it is over. In `shown`:
--   "alert ID"    JSON: how many (or how often) it is, its level, its number among all that were ever raised, the entry that raised
--                 it or made it worse last, since when, when it got worse last; then what it is about
--   "acked ID"    who has seen it, when, with which entry: what got worse after that entry has not been seen
--   "snoozed ID"  who silenced it, until when, with which entry
--   "alerts"      [there are now, were ever raised, had to leave]
local ALERTS_AT_MOST = 500
do
  local RANK = { info = 1, warning = 2, urgent = 3 }
  local READ = '^{"count":(%d+),"level":"(%a+)","number":(%d+),"seq":(%d+),"since":"([^"]+)","last_at":"([^"]+)"'

  -- What a field of `shown` holds now, or false.
  local function shown_now(field)
    return not shown.gone[field] and (shown.new[field] or redis.call('HGET', key.shown, field))
  end
  alerts.shown_now = shown_now

  local function tally()
    local there, ever, left = string.match(shown_now('alerts') or '[0,0,0]', '^%[(%d+),(%d+),(%d+)%]$')
    return tonumber(there), tonumber(ever), tonumber(left)
  end
  local function keep_tally(there, ever, left)
    put(shown, 'alerts', '[' .. numeral(there) .. ',' .. numeral(ever) .. ',' .. numeral(left) .. ']')
  end

  local function take_away(id)
    remove(shown, 'alert ' .. id)
    remove(shown, 'acked ' .. id)
    remove(shown, 'snoozed ' .. id)
  end

  -- The oldest that somebody has seen leaves; when nobody has seen any, the oldest of all.
  local function make_room()
    local fields, oldest, seen = {}, nil, nil
    for _, field in ipairs(redis.call('HKEYS', key.shown)) do fields[field] = true end
    for field in pairs(shown.new) do fields[field] = true end
    for field in pairs(fields) do
      local text = string.sub(field, 1, 6) == 'alert ' and shown_now(field)
      if text then
        local id = string.sub(field, 7)
        local _, _, number, seq = string.match(text, READ)
        local acked = shown_now('acked ' .. id)
        number = tonumber(number)
        if not oldest or number < oldest[1] then oldest = { number, id } end
        if acked and tonumber(string.match(acked, '"seq":(%d+)}$')) > tonumber(seq) and (not seen or number < seen[1]) then
          seen = { number, id }
        end
      end
    end
    take_away((seen or oldest)[2])
  end

  -- The entry being decided says that it is so. `count`: how many there are now, nil for once more; `members`: what it is about.
  alerts.raise = function(id, level, count, members)
    local before, seq, at = shown_now('alert ' .. id), head.seq + 1, iso(now)
    local number, since
    if before then
      local was, rank, last_seq, last_at
      was, rank, number, last_seq, since, last_at = string.match(before, READ)
      count = count or tonumber(was) + 1
      if count <= tonumber(was) and RANK[level] <= RANK[rank] then seq, at = tonumber(last_seq), last_at end
    else
      local there, ever, left = tally()
      if there == ALERTS_AT_MOST then
        make_room()
        there, left = there - 1, left + 1
      end
      keep_tally(there + 1, ever + 1, left)
      count, number, since = count or 1, numeral(ever + 1), at
    end
    put(shown, 'alert ' .. id, '{"count":' .. numeral(count) .. ',"level":"' .. level .. '","number":' .. number .. ',"seq":' .. numeral(seq)
      .. ',"since":"' .. since .. '","last_at":"' .. at .. '",' .. members .. '}')
  end

  -- It is over.
  alerts.lower = function(id)
    if not shown_now('alert ' .. id) then return end
    take_away(id)
    local there, ever, left = tally()
    keep_tally(there - 1, ever, left)
  end

  -- An item owes more units than before, or fewer.
  alerts.owe = function(item)
    if item.owed == 0 then return alerts.lower('oversold:' .. item.sku) end
    alerts.raise('oversold:' .. item.sku, 'urgent', item.owed, '"kind":"oversold","sku":' .. quoted[item.sku] .. ',"params":{"units":'
      .. numeral(item.owed) .. '},"text":null')
  end
end

-- Entries: from what an operation decided to its ledger line and its answer.

-- `list` with one more part, as JSON lists have them.
local function joined(list, part)
  return list == '' and part or list .. ',' .. part
end

local NUMBERS = ':{"available":%d,"held":%d,"committed":%d}'
local ROW = ':[%d,%d,%d,%d,%d,%d,%d,%d,%d]'

-- What the entry being decided changed: units of each item over all locations, as an answer says them.
local function changed_units()
  local text = ''
  for i = 1, #touched_skus do
    local sku = touched_skus[i]
    text = joined(text, quote(sku) .. string.format(NUMBERS, totals(items[sku])))
  end
  return text
end

-- The same as a ledger line says it: absolute rows by item and location.
local function changed_rows()
  local text, locations = '', settings().locations
  for i = 1, #touched_skus do
    local sku = touched_skus[i]
    local stock, places, rows = items[sku].rows, touched[sku], ''
    for j = 1, #locations do
      local place = locations[j]
      if places[place] then
        local row = stock[place]
        rows = joined(rows, quote(place)
          .. string.format(ROW, row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9]))
      end
    end
    text = joined(text, quote(sku) .. ':{' .. rows .. '}')
  end
  return text
end

local function changed_debts()
  local text = ''
  for i = 1, #owed_changed do
    text = joined(text, quote(owed_changed[i]) .. string.format(':%d', items[owed_changed[i]].owed))
  end
  return text
end

-- The answer to a command: what the operation gave as extra stands at its end.
local function answer_text(id_json, seq, reason, units, extra)
  local text = '{"id":' .. id_json
    .. (reason == '' and ',"status":"accepted","seq":' or ',"status":"refused","reason":"' .. reason .. '","seq":')
    .. string.format('%d', seq)
  if units ~= '' then text = text .. ',"items":{' .. units .. '}' end
  local oversold = extra.oversold
  if oversold and oversold[1] then
    local sold = ''
    for i = 1, #oversold, 2 do sold = joined(sold, quote(oversold[i]) .. string.format(':%d', oversold[i + 1])) end
    text = text .. ',"oversold":{' .. sold .. '}'
  end
  if extra.excess and extra.excess > 0 then text = text .. string.format(',"excess":%d', extra.excess) end
  if extra.ends_at then text = text .. ',"ends_at":"' .. extra.ends_at .. '"' end
  return text .. '}'
end

local at                         -- the call's time, as every line of it says it
local function append(members, reason, more, cause)
  head.seq = head.seq + 1
  first_seq = first_seq or head.seq
  at = at or ',"at":"' .. iso(now) .. '",'
  local outcome = reason == '' and ',"outcome":{"status":"accepted"'
    or ',"outcome":{"status":"refused","reason":"' .. reason .. '"'
  if touched_skus[1] then outcome = outcome .. ',"stock":{' .. changed_rows() .. '}' end
  if owed_changed[1] then outcome = outcome .. ',"owed":{' .. changed_debts() .. '}' end
  if more then outcome = outcome .. ',' .. more end
  lines[#lines + 1] = '{"seq":' .. string.format('%d', head.seq) .. at .. members .. outcome
    .. (cause and string.format('},"cause":%d}', cause) or '}}')
end

-- Closes the entry being decided: writes its line, then an output for each debt that its units paid.
-- Gives the units of the items it changed, as an answer says them.
local function finish(members, reason, more)
  local units = touched_skus[1] and changed_units() or ''
  append(members, reason, more)
  local cause, covered = head.seq, covered_by_entry
  if touched_skus[1] then touched, touched_skus = {}, {} end
  if owed_changed[1] then owed_changed = {} end
  if covered[1] then covered_by_entry = {} end
  for i = 1, #covered do
    local paid = covered[i]
    append(string.format('"type":"oversold.covered","id":"covered-%d","source":"clock","data":{"sku":%s,"location":%s,"order":%s,"quantity":%d}',
      head.seq + 1, quote(paid[1]), quote(paid[2]), cjson.encode(paid[3]), paid[4]), '', nil, cause)
  end
  return units
end

-- An entry of the clock's.
local function clock_entry(kind, data)
  finish(string.format('"type":"%s","id":"clock-%d","source":"clock","data":{%s}', kind, head.seq + 1, data), '')
end

local function expire_order(name)
  local order = find_order(name)
  give_back(order, nil)
  order.state = 'expired'
  put_order(order)
  gone_holds[name], new_holds[name] = true, nil
  clock_entry('hold.expired', '"order":' .. cjson.encode(name))
end

local function end_timer(member)
  local kind, name = string.match(member, '^(%a+) (.*)$')
  gone_timers[member], new_timers[member] = true, nil
  if kind == 'announce' then
    gone_shown[member], new_shown[member] = true, nil
    clock_entry('announce.expired', '"announcement":' .. cjson.encode(name))
  else
    clock_entry('countdown.due', '"name":' .. cjson.encode(name))
  end
end

-- Works off up to `most` due holds that no earlier command of this call has settled. Gives how many.
local holds_done = false
local function sweep_holds(most)
  if holds_done or string.find(flags, 's', 1, true) then return 0 end
  local due = redis.call('ZRANGEBYSCORE', HOLDS, '-inf', now, 'LIMIT', 0, most)
  holds_done = true
  local worked = 0
  for _, name in ipairs(due) do
    if not gone_holds[name] and find_order(name) and find_order(name).state == 'held' then
      expire_order(name)
      worked = worked + 1
    end
  end
  return worked
end

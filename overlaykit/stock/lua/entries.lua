-- Entries: from what an operation decided to its ledger line and its answer.

-- What an outcome says: {seq, reason or '', flat list sku available held committed …, flat list sku oversold …, excess,
-- ends_at or ''}. The same list is kept under the command's id, so that a repeat can be given the first answer.
local function answer_text(id_json, outcome)
  local reason, items, oversold = outcome[2], outcome[3], outcome[4]
  local text = '{"id":' .. id_json .. (reason == '' and ',"status":"accepted","seq":' or ',"status":"refused","seq":')
    .. string.format('%d', outcome[1])
  if reason ~= '' then text = text .. ',"reason":"' .. reason .. '"' end
  if #items > 0 then
    local parts = {}
    for i = 1, #items, 4 do
      parts[#parts + 1] = quote(items[i])
        .. string.format(':{"available":%d,"held":%d,"committed":%d}', items[i + 1], items[i + 2], items[i + 3])
    end
    text = text .. ',"items":{' .. table.concat(parts, ',') .. '}'
  end
  if #oversold > 0 then
    local parts = {}
    for i = 1, #oversold, 2 do parts[#parts + 1] = quote(oversold[i]) .. string.format(':%d', oversold[i + 1]) end
    text = text .. ',"oversold":{' .. table.concat(parts, ',') .. '}'
  end
  if outcome[5] > 0 then text = text .. string.format(',"excess":%d', outcome[5]) end
  if outcome[6] ~= '' then text = text .. ',"ends_at":"' .. outcome[6] .. '"' end
  return text .. '}'
end

-- The outcome member of a ledger line: absolute rows of what changed, and what the operation adds in `said`.
local ROW = ':[%d,%d,%d,%d,%d,%d,%d,%d,%d]'
local function outcome_text(reason, said)
  local text = reason == '' and '{"status":"accepted"' or '{"status":"refused","reason":"' .. reason .. '"'
  if #touched_skus > 0 then
    local parts = {}
    for i, sku in ipairs(touched_skus) do
      local rows, places = {}, touched[sku]
      for _, place in ipairs(settings().locations) do
        if places[place] then
          local row = items[sku].rows[place]
          rows[#rows + 1] = quote(place)
            .. string.format(ROW, row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9])
        end
      end
      parts[i] = quote(sku) .. ':{' .. table.concat(rows, ',') .. '}'
    end
    text = text .. ',"stock":{' .. table.concat(parts, ',') .. '}'
  end
  if #owed_changed > 0 then
    local parts = {}
    for i, sku in ipairs(owed_changed) do parts[i] = quote(sku) .. string.format(':%d', items[sku].owed) end
    text = text .. ',"owed":{' .. table.concat(parts, ',') .. '}'
  end
  if said then text = text .. ',' .. said end
  return text .. '}'
end

local at                         -- the call's time as every line of it says it
local function append(members, reason, said, cause)
  set_head('seq', head.seq + 1)
  first_seq = first_seq or head.seq
  at = at or ',"at":"' .. iso(now) .. '",'
  lines[#lines + 1] = '{"seq":' .. string.format('%d', head.seq) .. at .. members .. ',"outcome":' .. outcome_text(reason, said)
    .. (cause and string.format(',"cause":%d}', cause) or '}')
end

-- Closes the entry being decided: writes its line, then an output for each debt that its units paid.
-- Gives the flat list of the units of each item it changed.
local function finish(members, reason, said)
  local changed = {}
  for _, sku in ipairs(touched_skus) do
    local available, held, committed = totals(items[sku])
    local n = #changed
    changed[n + 1], changed[n + 2], changed[n + 3], changed[n + 4] = sku, available, held, committed
  end
  append(members, reason, said)
  local cause, covered = head.seq, covered_by_entry
  touched, touched_skus, owed_changed, covered_by_entry = {}, {}, {}, {}
  for _, paid in ipairs(covered) do
    append(string.format('"type":"oversold.covered","id":"covered-%d","source":"clock","data":{"sku":%s,"location":%s,"order":%s,"quantity":%d}',
      head.seq + 1, quote(paid[1]), quote(paid[2]), cjson.encode(paid[3]), paid[4]), '', nil, cause)
  end
  return changed
end

-- An entry of the clock's.
local function clock_entry(kind, data, said)
  finish(string.format('"type":"%s","id":"clock-%d","source":"clock","data":{%s}', kind, head.seq + 1, data), '', said)
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

-- Entries: from what an operation decided to its ledger line and its answer.

-- What an outcome says: {seq, reason or '', flat list sku available held committed …, flat list sku oversold …, excess,
-- ends_at or ''}. The same list is kept under the command's id, so that a repeat can be given the first answer.
local function answer_text(id_json, outcome)
  local parts = { '{"id":', id_json, ',"status":"', outcome[2] == '' and 'accepted' or 'refused', '","seq":',
    string.format('%.0f', outcome[1]) }
  if outcome[2] ~= '' then parts[#parts + 1] = ',"reason":"' .. outcome[2] .. '"' end
  local items = outcome[3]
  if #items > 0 then
    for i = 1, #items, 4 do
      parts[#parts + 1] = string.format('%s%s:{"available":%.0f,"held":%.0f,"committed":%.0f}',
        i == 1 and ',"items":{' or ',', quote(items[i]), items[i + 1], items[i + 2], items[i + 3])
    end
    parts[#parts + 1] = '}'
  end
  local oversold = outcome[4]
  if #oversold > 0 then
    for i = 1, #oversold, 2 do
      parts[#parts + 1] = string.format('%s%s:%.0f', i == 1 and ',"oversold":{' or ',', quote(oversold[i]), oversold[i + 1])
    end
    parts[#parts + 1] = '}'
  end
  if outcome[5] > 0 then parts[#parts + 1] = string.format(',"excess":%.0f', outcome[5]) end
  if outcome[6] ~= '' then parts[#parts + 1] = ',"ends_at":"' .. outcome[6] .. '"' end
  parts[#parts + 1] = '}'
  return table.concat(parts)
end

-- The outcome member of a ledger line: absolute rows of what changed, and what the operation adds in `said`.
local function outcome_text(reason, said)
  local parts = { '{"status":"', reason == '' and 'accepted"' or 'refused","reason":"' .. reason .. '"' }
  for i, sku in ipairs(touched_skus) do
    parts[#parts + 1] = (i == 1 and ',"stock":{' or ',') .. quote(sku) .. ':{'
    local item, first = items[sku], true
    for _, location in ipairs(settings().locations) do
      if touched[sku][location] then
        local row = item.rows[location]
        parts[#parts + 1] = string.format('%s%s:[%.0f,%.0f,%.0f,%.0f,%.0f,%.0f,%.0f,%.0f,%.0f]', first and '' or ',',
          quote(location), row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9])
        first = false
      end
    end
    parts[#parts + 1] = '}'
  end
  if #touched_skus > 0 then parts[#parts + 1] = '}' end
  for i, sku in ipairs(owed_changed) do
    parts[#parts + 1] = string.format('%s%s:%.0f', i == 1 and ',"owed":{' or ',', quote(sku), items[sku].owed)
  end
  if #owed_changed > 0 then parts[#parts + 1] = '}' end
  if said then parts[#parts + 1] = ',' .. said end
  parts[#parts + 1] = '}'
  return table.concat(parts)
end

local function append(members, reason, said, cause)
  set_head('seq', head.seq + 1)
  first_seq = first_seq or head.seq
  lines[#lines + 1] = string.format('{"seq":%.0f,"at":"%s",%s,"outcome":%s%s}', head.seq, iso(now), members,
    outcome_text(reason, said), cause and string.format(',"cause":%.0f', cause) or '')
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
    append(string.format('"type":"oversold.covered","id":"covered-%.0f","source":"clock","data":{"sku":%s,"location":%s,"order":%s,"quantity":%.0f}',
      head.seq + 1, quote(paid[1]), quote(paid[2]), cjson.encode(paid[3]), paid[4]), '', nil, cause)
  end
  return changed
end

-- An entry of the clock's.
local function clock_entry(kind, data, said)
  finish(string.format('"type":"%s","id":"clock-%.0f","source":"clock","data":{%s}', kind, head.seq + 1, data), '', said)
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

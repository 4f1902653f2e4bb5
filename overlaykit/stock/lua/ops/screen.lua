-- countdown.set: an absolute deadline.
-- FIELDS  name, sku or '', kind (at, in or gone), ms: the deadline, or the time until it
-- REFUSES unknown_sku

-- Sets a countdown, and gives its JSON. `nth` is its place among those that the entry sets.
local function set_countdown(name, sku, deadline, nth)
  local member = 'countdown ' .. name
  local text = '{"name":' .. cjson.encode(name) .. ',"sku":' .. (sku == '' and 'null' or quote(sku))
    .. ',"ends_at":"' .. iso(deadline) .. '"'
  new_shown[member], gone_shown[member] = text .. string.format(',"order":[%d,%d]}', head.seq + 1, nth), nil
  new_timers[member], gone_timers[member] = deadline, nil
  return text .. '}'
end

ops['countdown.set'] = function(name, sku, kind, ms)
  if sku ~= '' and not find_item(sku) then return 'unknown_sku' end
  if kind == 'gone' then
    local member = 'countdown ' .. name
    gone_shown[member], new_shown[member] = true, nil
    gone_timers[member], new_timers[member] = true, nil
    return ''
  end
  local deadline = kind == 'at' and ms or now + ms
  local text = set_countdown(name, sku, deadline, 1)
  return '', { said = '"countdowns":[' .. text .. ']', ends_at = iso(deadline) }
end

-- announce.show: a banner, named after its command.
-- FIELDS  id, JSON members text and level, sku or '', duration in ms or 0
-- REFUSES unknown_sku
ops['announce.show'] = function(id, members, sku, duration)
  if sku ~= '' and not find_item(sku) then return 'unknown_sku' end
  local member = 'announce ' .. id
  local ends_at = duration > 0 and iso(now + duration) or ''
  new_shown[member] = string.format('{"id":%s,%s,"sku":%s,"ends_at":%s,"seq":%d}', cjson.encode(id), members,
    sku == '' and 'null' or quote(sku), ends_at == '' and 'null' or '"' .. ends_at .. '"', head.seq + 1)
  gone_shown[member] = nil
  if duration > 0 then
    new_timers[member], gone_timers[member] = now + duration, nil
    return '', { said = '"ends_at":"' .. ends_at .. '"', ends_at = ends_at }
  end
  return ''
end

-- announce.clear: takes down one announcement, or all.
-- FIELDS  id or ''
ops['announce.clear'] = function(id)
  local names = {}
  if id ~= '' then
    names[1] = 'announce ' .. id
  else
    for _, field in ipairs(redis.call('HKEYS', SHOWN)) do
      if string.sub(field, 1, 9) == 'announce ' then names[#names + 1] = field end
    end
    for field in pairs(new_shown) do
      if string.sub(field, 1, 9) == 'announce ' then names[#names + 1] = field end
    end
  end
  for _, member in ipairs(names) do
    gone_shown[member], new_shown[member] = true, nil
    gone_timers[member], new_timers[member] = true, nil
  end
  return ''
end

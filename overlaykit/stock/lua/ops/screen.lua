-- countdown.set: an absolute deadline.
-- FIELDS  name, sku or '', kind (at, in or gone), ms: the deadline, or the time until it
-- REFUSES unknown_sku
ops['countdown.set'] = function(_, name, sku, kind, ms)
  if sku ~= '' and not find_item(sku) then return 'unknown_sku' end
  if kind == 'gone' then
    end_countdown(name)
    return ''
  end
  local deadline = kind == 'at' and ms or now + ms
  return '', { said = '"countdowns":[' .. set_countdown(name, sku, deadline, 1) .. '],"ends_at":"' .. iso(deadline) .. '"',
               ends_at = iso(deadline) }
end

-- announce.show: a banner, named after its command.
-- FIELDS  id, JSON members text and level, sku or '', duration in ms or 0
-- REFUSES unknown_sku
ops['announce.show'] = function(_, id, members, sku, duration)
  if sku ~= '' and not find_item(sku) then return 'unknown_sku' end
  local member = 'announce ' .. id
  local ends_at = duration > 0 and iso(now + duration) or ''
  put(shown, member, '{"id":' .. cjson.encode(id) .. ',' .. members .. ',"sku":' .. (sku == '' and 'null' or quoted[sku])
    .. ',"ends_at":' .. (ends_at == '' and 'null' or '"' .. ends_at .. '"') .. ',"seq":' .. digits[head.seq + 1] .. '}')
  if duration == 0 then return '' end
  put(timers, member, now + duration)
  return '', { said = '"ends_at":"' .. ends_at .. '"', ends_at = ends_at }
end

-- announce.clear: takes down one announcement, or all.
-- FIELDS  id or ''
ops['announce.clear'] = function(_, id)
  local members = {}
  if id ~= '' then
    members[1] = 'announce ' .. id
  else
    for _, field in ipairs(redis.call('HKEYS', key.shown)) do members[#members + 1] = field end
    for field in pairs(shown.new) do members[#members + 1] = field end
  end
  for _, member in ipairs(members) do
    if string.sub(member, 1, 9) == 'announce ' then
      remove(shown, member)
      remove(timers, member)
    end
  end
  return ''
end

-- overlay.set: the theme and the options of the overlays, over the plan's.
-- FIELDS  {{"theme" or "option NAME", JSON or '' to go back to the plan} …}
ops['overlay.set'] = function(_, said)
  for _, each in ipairs(said) do
    if each[2] == '' then remove(shown, each[1]) else put(shown, each[1], each[2]) end
  end
  return ''
end

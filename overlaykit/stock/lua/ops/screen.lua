-- When the timer of `member` rings, in ms; 0 when it has rung.
local function rings_at(member)
  return not timers.gone[member] and tonumber(timers.new[member] or redis.call('ZSCORE', key.timers, member) or 0) or 0
end

-- countdown.set: an absolute deadline.
-- FIELDS  name, sku or '', kind (at, in, later or gone), ms: the deadline, the time until it, or by how much it comes later
-- REFUSES unknown_sku, belongs_to_drop, unknown_countdown
ops['countdown.set'] = function(_, name, sku, kind, ms)
  if sku ~= '' and not find_item(sku) then return 'unknown_sku' end
  local drop, part = string.match(name, '^(.*)-(%a+)$')
  if (part == 'open' or part == 'close') and config.drops[drop] then return 'belongs_to_drop' end
  if kind == 'gone' then
    end_countdown(name)
    return ''
  end
  local deadline = kind == 'at' and ms or now + ms
  if kind == 'later' then
    local member = 'countdown ' .. name
    local running = alerts.shown_now(member)
    if not running then return 'unknown_countdown' end
    deadline = math.max(now, math.max(now, rings_at(member)) + ms)
    local of = cjson.decode(running).sku
    if of ~= cjson.null then sku = of end
  end
  return '', { said = '"countdowns":[' .. set_countdown(name, sku, deadline, 1) .. '],"ends_at":"' .. iso(deadline) .. '"',
               ends_at = iso(deadline) }
end

-- Takes down the banners that `says` stands in: what they say, of what.
local function take_down(says)
  local fields = {}
  for _, field in ipairs(redis.call('HKEYS', key.shown)) do fields[field] = true end
  for field in pairs(shown.new) do fields[field] = true end
  for field in pairs(fields) do
    local text = string.sub(field, 1, 9) == 'announce ' and alerts.shown_now(field)
    if text and string.find(text, says, 1, true) then
      remove(shown, field)
      remove(timers, field)
    end
  end
end

-- announce.show: a banner, named after its command, in the place of one that says the same.
-- FIELDS  id, JSON members text and level, sku or '', duration in ms or 0
-- REFUSES unknown_sku
ops['announce.show'] = function(_, id, members, sku, duration)
  if sku ~= '' and not find_item(sku) then return 'unknown_sku' end
  local member = 'announce ' .. id
  local ends_at = duration > 0 and iso(now + duration) or ''
  local says = ',' .. members .. ',"sku":' .. (sku == '' and 'null' or quoted[sku]) .. ',"ends_at":'
  take_down(says)
  put(shown, member, '{"id":' .. cjson.encode(id) .. says .. (ends_at == '' and 'null' or '"' .. ends_at .. '"') .. ',"seq":' .. digits[head.seq + 1] .. '}')
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

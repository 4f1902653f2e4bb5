-- Items: their stock rows by location, and what an entry changed of them.
--
-- An item is stored as the list {sale, owed, rows, frozen, mode, ship_by, buyer_limit, presale_limit, channels, drops,
-- bundle, bundles, readings}:
--   sale       upcoming, open or closed         owed       units of all its debts
--   rows       location → row                   frozen     {freeze seq, rows, owed, channels, drops, bundles} as they
--   mode       spot or presale                             stood when the numbers were frozen, or false
--   ship_by    a day or ''                      buyer_limit, presale_limit   units or 0
--   channels   channel → {allotted or -1, used} drops      drop → list; quotas.lua says of what
--   bundle     {{sku, per} …}: what it is made of; such an item has no rows
--   bundles    {held, sold}: how many of a bundle are
--   readings   location → seq of a reading that waits for a confirmation
-- A row is a list of these columns, then the step of its last history, the as_of of the last reading applied, and the day
-- its incoming units are due or ''.

local ON_HAND, AVAILABLE, HELD, COMMITTED, BUFFER, DAMAGED, INCOMING, SHIPPED, OPENING = 1, 2, 3, 4, 5, 6, 7, 8, 9
local PRESOLD_HELD, PRESOLD_COMMITTED = 10, 11
local STEP, READ_AT, DUE = 12, 13, 14

local items = {}                 -- sku → item of this call, or false
local entry = 1                  -- number of the entry being decided, within this call
local touched, touched_count = {}, 0   -- items whose rows it changed, in that order; item.marks: location → its last such entry
local owed_changed = {}          -- skus whose owed units the entry changed, in that order
local outputs = {}               -- what follows from the entry being decided: {type, members of its data}
local quotas_changed, bundles_changed = {}, {}

local function has_any(all) return next(all) ~= nil end

local function find_item(sku)
  local item = items[sku]
  if item == nil then
    local packed = redis.call('HGET', key.items, sku)
    item = false
    if packed then
      local p = cmsgpack.unpack(packed)
      item = { sku = sku, sale = p[1], owed = p[2], rows = p[3], frozen = p[4], mode = p[5], ship_by = p[6],
               buyer_limit = p[7], presale_limit = p[8], channels = p[9], drops = p[10], bundle = p[11], bundles = p[12],
               readings = p[13], marks = {}, marked = 0, has_quotas = has_any(p[9]) or has_any(p[10]) }
    end
    items[sku] = item
  end
  return item
end

local function pack_item(item)
  return '\157' .. cmsgpack.pack(item.sale, item.owed, item.rows, item.frozen, item.mode, item.ship_by, item.buyer_limit,
    item.presale_limit, item.channels, item.drops, item.bundle, item.bundles, item.readings)
end

local function copied(lists, length)
  local copies = {}
  for name, list in pairs(lists) do
    local copy = {}
    for i = 1, length or #list do copy[i] = list[i] end
    copies[name] = copy
  end
  return copies
end

-- The first change of an item after a freeze keeps what is shown.
local function keep_shown(item)
  if head.frozen > 0 and not (item.frozen and item.frozen[1] == head.frozen) then
    item.frozen = { head.frozen, copied(item.rows, PRESOLD_COMMITTED), item.owed, copied(item.channels), copied(item.drops),
                    { item.bundles[1], item.bundles[2] } }
  end
  changed_items[item.sku] = item
end

-- Notes once that the entry changed this part of the item.
local function note_change(list, item)
  keep_shown(item)
  local sku = item.sku
  if not list[sku] then
    list[sku] = true
    list[#list + 1] = sku
  end
end

-- What stood in a row before each step of ten seconds that changed it, oldest first: step, on_hand, available, held +
-- committed, step …
local function history_of(sku, location)
  local field = sku .. '\0' .. location
  local kept = changed_history[field]
  if not kept then
    local packed = redis.call('HGET', key.history, field)
    kept = packed and cmsgpack.unpack(packed) or {}
    changed_history[field] = kept
  end
  return kept
end

local function remember(sku, location, row)
  local kept = history_of(sku, location)
  local n = #kept
  kept[n + 1], kept[n + 2], kept[n + 3], kept[n + 4] = step, row[ON_HAND], row[AVAILABLE], row[HELD] + row[COMMITTED]
end

-- Marks the item's row at the location as changed by this entry, and gives it.
local function touch(item, location)
  local sku = item.sku
  if head.frozen > 0 or not changed_items[sku] then keep_shown(item) end
  local row = item.rows[location]
  if not row then
    row = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '' }
    item.rows[location] = row
  end
  if row[STEP] ~= step then
    remember(sku, location, row)
    row[STEP] = step
  end
  item.marks[location] = entry
  if item.marked ~= entry then
    item.marked = entry
    touched_count = touched_count + 1
    touched[touched_count] = item
  end
  return row
end

local function owe(item, delta)
  note_change(owed_changed, item)
  item.owed = item.owed + delta
end

local function available_at(item, location)
  local row = item.rows[location]
  return row and row[AVAILABLE] or 0
end

local function presold(item)
  local units = 0
  for _, row in pairs(item.rows) do units = units + row[PRESOLD_HELD] + row[PRESOLD_COMMITTED] end
  return units
end

-- Locations that a line may draw from, in the plan's order: the named one, those that serve the region, or all.
local function candidates(location, region)
  if location ~= '' then return { location } end
  if region ~= '' then return config.regions[region] or {} end
  return config.locations
end

local function known_location(name)
  local all = config.locations
  for i = 1, #all do
    if all[i] == name then return true end
  end
  return false
end

-- The location that a reading or adjustment means: the named one, or the only one; nil when that is nobody's.
local function one_location(name)
  if name == '' then
    local all = config.locations
    return #all == 1 and all[1] or nil
  end
  return known_location(name) and name or nil
end

-- Units of an item over all locations.
local function totals(item)
  local available, held, committed = 0, 0, 0
  for _, row in pairs(item.rows) do
    available, held, committed = available + row[AVAILABLE], held + row[HELD], committed + row[COMMITTED]
  end
  return available, held, committed
end

-- An item whose own rows a command means, and its location; or nil and what is wrong.
local function own_row(sku, location)
  local item = find_item(sku)
  if not item then return nil, 'unknown_sku' end
  if item.bundle[1] then return nil, 'is_bundle' end
  local place = one_location(location)
  if not place then return nil, 'unknown_location' end
  return item, place
end

local function channel_problem(channel)
  if channel ~= '' and not config.channels[channel] then return 'unknown_channel' end
end

-- The list that key.links keeps for a link, a product, an item, or the running order.
local function linked(field)
  local list = new_links[field]
  if list then return list end
  local packed = redis.call('HGET', key.links, field)
  return packed and cmsgpack.unpack(packed) or {}
end

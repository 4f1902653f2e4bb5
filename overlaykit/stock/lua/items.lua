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
-- A row is a list of these columns, then the step of ten seconds in which it changed last, the as_of of the last reading
-- applied, the day its incoming units are due or '', and what stood there before that step: on_hand, available, held + committed.

local ON_HAND, AVAILABLE, HELD, COMMITTED, BUFFER, DAMAGED, INCOMING, SHIPPED, OPENING = 1, 2, 3, 4, 5, 6, 7, 8, 9
local PRESOLD_HELD, PRESOLD_COMMITTED = 10, 11
local STEP, READ_AT, DUE, STOOD = 12, 13, 14, 15   -- STOOD: three columns
-- Of a row within this call: the last entry that changed it, and its JSON before and after available and held, while only
-- these two change.
local MARK, BEFORE, AFTER = 18, 19, 20

local items = {}                 -- sku → item of this call, or false
local stored_items = {}          -- those of them that were looked for beforehand, as they are stored, or false
local entry = 1                  -- number of the entry being decided, within this call
local touched, touched_count = {}, 0   -- items whose rows it changed, in that order; item.marked: the last such entry
local rows_changed, last_place = 0, ''  -- how many rows that are, and where the last of them is
local owed_changed = {}          -- skus whose owed units the entry changed, in that order
local outputs = {}               -- what follows from the entry being decided: {type, members of its data}
local quotas_changed, bundles_changed = {}, {}

local function has_any(all) return next(all) ~= nil end

local function find_item(sku)
  local item = items[sku]
  if item == nil then
    local packed = stored_items[sku]
    if packed == nil then packed = redis.call('HGET', key.items, sku) end
    item = false
    if packed then
      -- Without the list's header its values come at once, after the library's own offset.
      local _, sale, owed, rows, frozen, mode, ship_by, buyer_limit, presale_limit, channels, drops, bundle, bundles, readings =
        cmsgpack.unpack_limit(packed, 13, 1)
      item = { sku = sku, sale = sale, owed = owed, rows = rows, frozen = frozen, mode = mode, ship_by = ship_by,
               buyer_limit = buyer_limit, presale_limit = presale_limit, channels = channels, drops = drops, bundle = bundle,
               bundles = bundles, readings = readings, marked = 0, has_quotas = has_any(channels) or has_any(drops) }
    end
    items[sku] = item
  end
  return item
end

local pack_item
do
  local LIST_OF_13, LAST = '\157', 17     -- LAST: the last column of a row
  local ROW = list_header(LAST)
  local NO_QUOTAS, NO_BUNDLE = '\144\144', '\144\146\0\0'   -- two empty tables; one, and {0, 0}

  local function pack_table(all) return has_any(all) and cmsgpack.pack(all) or '\144' end

  local function pack_rows(rows)
    local text, n = '', 0
    for location, row in pairs(rows) do
      n = n + 1
      text = text .. bytes[location] .. ROW .. cmsgpack.pack(unpack(row, 1, LAST))
    end
    return (n < 16 and string.char(128 + n) or '\222' .. struct.pack('>I2', n)) .. text
  end

  pack_item = function(item)
    return LIST_OF_13 .. bytes[item.sale] .. bytes[item.owed] .. pack_rows(item.rows)
      .. (item.frozen and cmsgpack.pack(item.frozen) or bytes[false]) .. bytes[item.mode] .. bytes[item.ship_by]
      .. bytes[item.buyer_limit] .. bytes[item.presale_limit]
      .. (item.has_quotas and pack_table(item.channels) .. pack_table(item.drops) or NO_QUOTAS)
      .. (item.bundle[1] and cmsgpack.pack(item.bundle) .. cmsgpack.pack(item.bundles) or NO_BUNDLE) .. pack_table(item.readings)
  end
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

-- What stood in a row before each step that changed it, the last one excepted, oldest first: step, on_hand, available, held +
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

-- A new step begins for a row: what stood before the last one goes to the history.
local function begin_step(item, location, row)
  if row[STEP] > step - HISTORY_MS / STEP_MS then
    local kept = history_of(item.sku, location)
    local n = #kept
    kept[n + 1], kept[n + 2], kept[n + 3], kept[n + 4] = row[STEP], row[STOOD], row[STOOD + 1], row[STOOD + 2]
  end
  row[STEP], row[STOOD], row[STOOD + 1], row[STOOD + 2] = step, row[ON_HAND], row[AVAILABLE], row[HELD] + row[COMMITTED]
end

-- Marks the item's row at the location as changed by this entry, and gives it. `sold`: nothing but available and held change.
local function touch(item, location, sold)
  local sku = item.sku
  if head.frozen > 0 or not changed_items[sku] then keep_shown(item) end
  local row = item.rows[location]
  if not row then
    row = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '', 0, 0, 0, 0, false, false }
    item.rows[location] = row
  end
  if row[STEP] ~= step then begin_step(item, location, row) end
  if not sold then row[BEFORE] = false end
  if row[MARK] ~= entry then
    row[MARK] = entry
    rows_changed, last_place = rows_changed + 1, location
  end
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

-- Units of an item wherever they are: on hand, on their way, promised, sold and gone, owed.
local function all_units(item)
  local units = item.owed
  for _, row in pairs(item.rows) do
    units = units + row[ON_HAND] + row[INCOMING] + row[SHIPPED] + row[PRESOLD_HELD] + row[PRESOLD_COMMITTED]
  end
  return units
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

-- Items: their stock rows by location, and units on their way into `available`.

local items = {}                 -- sku → item of this call
local touched = {}               -- sku → {location → true} by the entry being decided
local touched_skus = {}          -- the same skus in the order in which they were touched
local owed_changed = {}          -- skus whose oversold units the entry changed, in that order

local function find_item(sku)
  local item = items[sku]
  if item == nil then
    local packed = redis.call('HGET', ITEMS, sku)
    item = false
    if packed then
      local parts = cmsgpack.unpack(packed)
      item = { sku = sku, sale = parts[1], owed = parts[2], rows = parts[3], frozen = parts[4] }
    end
    items[sku] = item
  end
  return item
end

-- The first change of an item after a freeze keeps what is shown.
local function keep_shown(item)
  if head.frozen > 0 and not (item.frozen and item.frozen[1] == head.frozen) then
    local rows = {}
    for location, row in pairs(item.rows) do
      local copy = {}
      for column = ON_HAND, OPENING do copy[column] = row[column] end
      rows[location] = copy
    end
    item.frozen = { head.frozen, rows, item.owed }
  end
end

-- Marks the item's row at the location as changed by this entry, and gives it.
local function touch(item, location)
  keep_shown(item)
  local row = item.rows[location]
  if not row then
    row = { 0, 0, 0, 0, 0, 0, 0, 0, 0 }
    item.rows[location] = row
  end
  local seen = touched[item.sku]
  if not seen then
    seen = {}
    touched[item.sku] = seen
    touched_skus[#touched_skus + 1] = item.sku
  end
  seen[location] = true
  changed_items[item.sku] = item
  return row
end

local function owe(item, delta)
  keep_shown(item)
  item.owed = item.owed + delta
  if not owed_changed[item.sku] then
    owed_changed[item.sku] = true
    owed_changed[#owed_changed + 1] = item.sku
  end
  changed_items[item.sku] = item
end

local function available_at(item, location)
  local row = item.rows[location]
  return row and row[AVAILABLE] or 0
end

-- Locations that a line may draw from, in the plan's order: the named one, those that serve the region, or all.
local function candidates(location, region)
  if location ~= '' then return { location } end
  if region ~= '' then return settings().regions[region] or {} end
  return settings().locations
end

local function known_location(name)
  for _, location in ipairs(settings().locations) do
    if location == name then return true end
  end
  return false
end

-- The location that a reading or adjustment means: the named one, or the only one; nil when that is nobody's.
local function one_location(name)
  if name == '' then
    local all = settings().locations
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

-- Returning: units leave the lines of an order; and the step from unpaid to paid.

-- Takes up to `units` out of the lines that `meant` picks: debt first, then presold units, then open ones, then, with a
-- refund, shipped ones. how: expire (the order may take them again), release, restock or gone. What has to enter available is added to `back`.
local function return_units(order, meant, units, how, back)
  local left, all = units, order.lines
  local paid = order.state == 'committed'
  local function done(item, line, some)
    left = left - some
    if how ~= 'expire' then line[RETURNED] = line[RETURNED] + some end
    if line[LIMITED] == 1 then uncount_bought(order.buyer, line[SKU], some) end
    local drop = item.drops[line[DROP]]
    if drop then count_dropped(order.buyer, line[DROP], drop[BUYER_LIMIT], -some) end
  end
  local function pass(each)
    for index = #all, 1, -1 do
      if left > 0 and meant(all[index]) then each(find_item(all[index][SKU]), all[index]) end
    end
  end
  local function pass_pieces(column, each)
    pass(function(item, line)
      for piece = PIECES, #line, PIECE do
        local some = math.min(left, line[piece + column])
        if some > 0 then
          each(item, line, piece, some, touch(item, line[piece]))
          done(item, line, some)
        end
      end
    end)
  end
  pass(function(item, line)
    local some = math.min(left, line[DEBT])
    if some > 0 then
      lessen_debt(item, line, order, some)
      done(item, line, some)
    end
  end)
  pass_pieces(PRESOLD, function(item, line, piece, some, row)
    local bucket = paid and PRESOLD_COMMITTED or PRESOLD_HELD
    row[bucket], row[INCOMING] = row[bucket] - some, row[INCOMING] + some
    lessen_presold(item, line, order, piece, some)
  end)
  pass_pieces(OPEN, function(item, line, piece, some, row)
    local bucket = paid and COMMITTED or HELD
    line[piece + OPEN], row[bucket] = line[piece + OPEN] - some, row[bucket] - some
    uncount_use(item, order, line, how ~= 'gone')
    if how == 'gone' then
      row[ON_HAND] = row[ON_HAND] - some
    else
      back[#back + 1] = { item, line[piece], some }
    end
  end)
  if how == 'restock' or how == 'gone' then
    pass_pieces(SENT, function(item, line, piece, some, row)
      line[piece + SENT], row[SHIPPED] = line[piece + SENT] - some, row[SHIPPED] - some
      uncount_use(item, order, line, how == 'restock')
      if how == 'restock' then
        row[ON_HAND] = row[ON_HAND] + some
        back[#back + 1] = { item, line[piece], some }
      end
    end)
  end
  return units - left
end

local function give_all(back)
  for i = 1, #back do give(back[i][1], back[i][2], back[i][3]) end
end

-- Units of the lines that `meant` picks, by what a step counts: debt, presold, open, shipped.
local function units_of(order, meant, columns)
  local units = 0
  for _, line in ipairs(order.lines) do
    if meant(line) then
      if columns.debt then units = units + line[DEBT] end
      for piece = PIECES, #line, PIECE do
        if columns.presold then units = units + line[piece + PRESOLD] end
        if columns.open then units = units + line[piece + OPEN] end
        if columns.shipped then units = units + line[piece + SENT] end
      end
    end
  end
  return units
end

local function any_line() return true end
local COUNTING = {
  returnable = { debt = true, presold = true, open = true },
  refundable = { debt = true, presold = true, open = true, shipped = true },
  shippable = { open = true },
}

-- Bundles of the order that were returned as such, or nil for all that are left.
local function uncount_bundles(order, sku, units, how)
  for _, bundle in ipairs(order.bundles or {}) do
    if sku == nil or (bundle[1] == sku and units > 0) then
      local some = math.min(units or math.huge, bundle[2] - bundle[3])
      if some > 0 then
        count_bundle(bundle[1], order, -some)
        if bundle[4] == 1 then uncount_bought(order.buyer, bundle[1], some) end
        if how ~= 'expire' then bundle[3] = bundle[3] + some end
        if units then units = units - some end
      end
    end
  end
end

local function return_everything(order, how)
  local back = {}
  return_units(order, any_line, math.huge, how, back)
  uncount_bundles(order, nil, nil, how)
  return back
end

-- Which lines a part of a command means: {meant, units of them, units each, their sku} for each component of a bundle, or one for an item.
local function targets(order, sku, quantity)
  local item = find_item(sku)
  if item and item.bundle[1] then
    local found = {}
    for i, part in ipairs(item.bundle) do
      found[i] = { function(line) return line[BUNDLE] == sku and line[SKU] == part[1] end, quantity * part[2], part[2], part[1] }
    end
    return found
  end
  return { { function(line) return line[SKU] == sku end, quantity, 1, sku } }
end

-- held → committed, for every piece of the order.
local function settle(order)
  for i = 1, #order.lines do
    local line = order.lines[i]
    local item = find_item(line[SKU])
    for piece = PIECES, #line, PIECE do
      local units, waiting = line[piece + OPEN], line[piece + PRESOLD]
      if units + waiting > 0 then
        local row = touch(item, line[piece])
        row[HELD], row[COMMITTED] = row[HELD] - units, row[COMMITTED] + units
        row[PRESOLD_HELD], row[PRESOLD_COMMITTED] = row[PRESOLD_HELD] - waiting, row[PRESOLD_COMMITTED] + waiting
      end
    end
    if line[DROP_COUNTED] > 0 then
      note_change(quotas_changed, item)
      local drop = item.drops[line[DROP]]
      drop[SOLD] = drop[SOLD] + line[DROP_COUNTED]
    end
  end
  for _, bundle in ipairs(order.bundles or {}) do count_bundle(bundle[1], order, bundle[3] - bundle[2]) end
  order.state = 'committed'
  for _, bundle in ipairs(order.bundles or {}) do count_bundle(bundle[1], order, bundle[2] - bundle[3]) end
  order.expires = 0
end

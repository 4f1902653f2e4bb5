-- Taking: units leave available or incoming for the lines of an order.

local function count_bundle(sku, order, units)
  local item = find_item(sku)
  note_change(bundles_changed, item)
  local column = order.state == 'committed' and 2 or 1
  item.bundles[column] = item.bundles[column] + units
end

-- Counts units that left available for the quotas that the line sells through.
local function count_use(item, order, line, units)
  if not item.has_quotas then return end
  local quota = allotment(item, order.channel)
  if quota then
    change_quota(item, quota, units)
    line[COUNTED] = line[COUNTED] + units
  end
  local drop = item.drops[line[DROP]]
  if drop and drop[STATUS] ~= 'closed' then
    change_quota(item, drop, units)
    line[DROP_COUNTED] = line[DROP_COUNTED] + units
    if order.state == 'committed' then drop[SOLD] = drop[SOLD] + units end
  end
end

-- After units have left a line: those that were never counted leave first. What `returned` to available is no longer used;
-- what is gone for good stays used.
local function uncount_use(item, order, line, returned)
  if line[COUNTED] == 0 and line[DROP_COUNTED] == 0 then return end
  local units = 0
  for piece = PIECES, #line, PIECE do units = units + line[piece + OPEN] + line[piece + SENT] end
  local through_channel, through_drop = line[COUNTED] - units, line[DROP_COUNTED] - units
  if through_channel > 0 then
    line[COUNTED] = units
    if returned then change_quota(item, item.channels[order.channel], -through_channel) end
  end
  if through_drop > 0 then
    line[DROP_COUNTED] = units
    if returned then
      local drop = item.drops[line[DROP]]
      change_quota(item, drop, -through_drop)
      if order.state == 'committed' then drop[SOLD] = drop[SOLD] - through_drop end
    end
  end
end

-- available → held or committed.
local function take_stock(item, order, line, place, units)
  local row = touch(item, place)
  local bucket = order.state == 'committed' and COMMITTED or HELD
  row[AVAILABLE], row[bucket] = row[AVAILABLE] - units, row[bucket] + units
  local piece = piece_at(line, place)
  line[piece + OPEN] = line[piece + OPEN] + units
end

-- incoming → presold.
local function take_incoming(item, order, line, place, units, seq)
  local row = touch(item, place)
  local bucket = order.state == 'committed' and PRESOLD_COMMITTED or PRESOLD_HELD
  row[INCOMING], row[bucket] = row[INCOMING] - units, row[bucket] + units
  local piece = piece_at(line, place)
  line[piece + PRESOLD], line[SEQ] = line[piece + PRESOLD] + units, seq
  wait_in_queue('\1' .. item.sku, order.name, seq)
end

-- The buyer's counts for a line that was taken, or taken again.
local function count_line(order, line, units)
  local item = find_item(line[SKU])
  line[LIMITED] = count_bought(order.buyer, item, units)
  local drop = item.drops[line[DROP]]
  if drop and drop[STATUS] ~= 'closed' then count_dropped(order.buyer, line[DROP], drop[BUYER_LIMIT], units) end
end

local function count_bundles(order)
  for _, bundle in ipairs(order.bundles or {}) do
    local units = bundle[2] - bundle[3]
    count_bundle(bundle[1], order, units)
    bundle[4] = count_bought(order.buyer, find_item(bundle[1]), units)
  end
end

local place_request, take_planned
do
  local NOTHING = {}

  -- Where each line of a request can be served: per line a place, or a flat list place, units, place, units …; or nil and the
  -- reason. Lines of one sku are summed: `spoken` holds what earlier lines of the order will take.
  local function allocate(all)
    local plan, spoken, presale_units = {}, #all > 1 and {}, {}
    for i = 1, #all do
      local line = all[i]
      local item = find_item(line[SKU])
      local units, places = line[ASKED] - line[RETURNED], candidates(line[LOCATION], line[REGION])
      local taken = spoken and spoken[item.sku]
      local column, rows = item.mode == 'presale' and INCOMING or AVAILABLE, item.rows
      local parts = units == 0 and NOTHING
      for j = 1, parts and 0 or #places do
        local place = places[j]
        local row = rows[place]
        if row and row[column] - (taken and taken[place] or 0) >= units then
          parts = place
          break
        end
      end
      if not parts and config.split then
        local left, n = units, 0
        parts = {}
        for _, place in ipairs(places) do
          local row = rows[place]
          local some = math.min(left, (row and row[column] or 0) - (taken and taken[place] or 0))
          if some > 0 then
            parts[n + 1], parts[n + 2] = place, some
            left, n = left - some, n + 2
          end
        end
        if left > 0 then parts = nil end
      end
      if parts and column == INCOMING and item.presale_limit > 0 then
        local sum = (presale_units[item.sku] or presold(item)) + units
        presale_units[item.sku] = sum
        if sum > item.presale_limit then parts = nil end
      end
      if not parts then return nil, line[REGION] ~= '' and 'no_stock_in_region' or 'sold_out' end
      if spoken then
        taken = taken or {}
        spoken[item.sku] = taken
        if type(parts) == 'string' then
          taken[parts] = (taken[parts] or 0) + units
        else
          for at = 1, #parts, 2 do taken[parts[at]] = (taken[parts[at]] or 0) + parts[at + 1] end
        end
      end
      plan[i] = parts
    end
    return plan
  end

  -- Whether the quotas allow what a request takes: nil, or the reason why not.
  local function quota_problem(all, channel)
    local done
    for i = 1, #all do
      local item = items[all[i][SKU]]
      if item.has_quotas and item.mode == 'spot' and not (done and done[item]) then
        done = done or {}
        done[item] = true
        local sum, free, by_drop = 0, 0, {}
        for j = i, #all do
          local line = all[j]
          if line[SKU] == item.sku then
            local units = line[ASKED] - line[RETURNED]
            sum = sum + units
            if line[DROP] == '' then free = free + units else by_drop[line[DROP]] = (by_drop[line[DROP]] or 0) + units end
          end
        end
        for name, units in pairs(by_drop) do
          if left_of(item.drops[name]) < units then return 'sold_out' end
        end
        local quota = allotment(item, channel)
        if quota then
          if left_of(quota) < sum then return 'allotment_exhausted' end
        elseif free > 0 and pool(item) < free then
          return 'sold_out'
        end
      end
    end
  end

  place_request = function(all, channel)
    local plan, reason = allocate(all)
    if plan then reason = quota_problem(all, channel) end
    return not reason and plan, reason
  end

  local function take_part(order, line, item, place, units)
    if item.mode == 'presale' then return take_incoming(item, order, line, place, units, head.seq + 1) end
    take_stock(item, order, line, place, units)
    if item.has_quotas then count_use(item, order, line, units) end
  end

  -- Takes what `place_request` planned; `limited`: a buyer's limits may have to count it.
  take_planned = function(order, plan, limited)
    local all, sum = order.lines, 0
    for i = 1, #all do
      local line, parts = all[i], plan[i]
      local item, units = items[line[SKU]], line[ASKED] - line[RETURNED]
      if type(parts) == 'string' then
        take_part(order, line, item, parts, units)
      else
        for at = 1, #parts, 2 do take_part(order, line, item, parts[at], parts[at + 1]) end
      end
      if limited then count_line(order, line, units) end
      sum = sum + units
    end
    if order.bundles then count_bundles(order) end
    if config.buyer_rate then take_lately(order.buyer, sum) end
  end
end

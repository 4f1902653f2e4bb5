-- Facts: what was sold elsewhere is taken whatever there is; what came before its order waits for it.
--
-- early facts of an order are a list of {kind, restock, units by sku as a flat list, or empty for everything}; kind: commit,
-- release, ship, refund.

local take_fact
do
  -- Where a fact may draw from: what a request may, and after those that serve its region all others. It was sold, so
  -- somebody will have to send it.
  local function fact_places(line)
    if line[LOCATION] ~= '' or line[REGION] == '' then return candidates(line[LOCATION], line[REGION]) end
    local places, known = {}, {}
    for _, place in ipairs(candidates('', line[REGION])) do
      places[#places + 1], known[place] = place, true
    end
    for _, place in ipairs(config.locations) do
      if not known[place] then places[#places + 1] = place end
    end
    return places
  end

  -- From one place if one has enough, else from several. Gives the units that none has.
  local function take_where_there_is(line, units, units_at, take)
    local item = find_item(line[SKU])
    local places = fact_places(line)
    for _, place in ipairs(places) do
      if units_at(item, place) >= units then
        take(item, place, units)
        return 0
      end
    end
    for _, place in ipairs(places) do
      local some = math.min(units, units_at(item, place))
      if some > 0 then
        take(item, place, some)
        units = units - some
      end
    end
    return units
  end

  local function incoming_at(item, place)
    local row = item.rows[place]
    return row and row[INCOMING] or 0
  end

  -- Serves a line, if need be on debt.
  take_fact = function(order, line, units)
    local item, seq = find_item(line[SKU]), head.seq + 1
    local drop = item.drops[line[DROP]]
    if not drop or drop[STATUS] == 'closed' then line[DROP] = '' end
    if order.buyer ~= '' then count_line(order, line, units) end
    if item.mode == 'presale' then
      units = take_where_there_is(line, units, incoming_at, function(_, place, some)
        take_incoming(item, order, line, place, some, seq)
      end)
    end
    if units > 0 then
      units = take_where_there_is(line, units, available_at, function(_, place, some)
        take_stock(item, order, line, place, some)
        count_use(item, order, line, some)
      end)
    end
    if units > 0 then add_debt(item, line, order, units, seq) end
  end
end

-- Whether taking these lines would give an item more units than it may have. `known`: the order, where it has taken lines before.
local function too_many_units(all, known)
  local more = {}
  for _, line in ipairs(all) do more[line[SKU]] = (more[line[SKU]] or 0) + line[ASKED] - line[RETURNED] end
  for _, line in ipairs(known and known.lines or {}) do
    if more[line[SKU]] then more[line[SKU]] = more[line[SKU]] - line[ASKED] end
  end
  for sku, units in pairs(more) do
    if units > 0 and all_units(find_item(sku)) + units > MOST_UNITS then return true end
  end
  return false
end

local function take_all_facts(order)
  local sum = 0
  for _, line in ipairs(order.lines) do
    local units = line[ASKED] - line[RETURNED]
    if units > 0 then take_fact(order, line, units) end
    sum = sum + units
  end
  if order.bundles then count_bundles(order) end
  take_lately(order.buyer, sum)
end

-- The pools of the items of some lines, before a fact; `rebalance_all` compares them afterwards.
local function pools_of(all)
  local pools = {}
  for _, line in ipairs(all) do
    local item = find_item(line[SKU])
    if item.has_quotas and not pools[item.sku] then
      pools[item.sku] = pool(item)
      pools[#pools + 1] = item.sku
    end
  end
  return pools
end

local function rebalance_all(order, pools)
  for _, sku in ipairs(pools) do
    local drops = {}
    for _, line in ipairs(order.lines) do
      if line[SKU] == sku then drops[line[DROP]] = true end
    end
    rebalance(find_item(sku), pools[sku], order.channel, drops)
  end
end

-- Debts that this entry made and that still stand at its end, as the answer says them: flat sku, units …
local function oversold_of(order)
  local flat, place, seq = {}, {}, head.seq + 1
  for _, line in ipairs(order.lines) do
    if line[DEBT] > 0 and line[SEQ] == seq then
      local sku = line[SKU]
      if not place[sku] then
        place[sku] = #flat + 2
        flat[#flat + 1], flat[#flat + 2] = sku, 0
      end
      flat[place[sku]] = flat[place[sku]] + line[DEBT]
    end
  end
  return flat
end

-- Parts of a command: its fields from `first` on, sku and quantity in turn; summed by sku, as a flat list.
local function read_parts(command, first)
  local flat, place = {}, {}
  for i = first, #command, 2 do
    local sku = command[i]
    if not place[sku] then
      place[sku] = #flat + 2
      flat[#flat + 1], flat[#flat + 2] = sku, 0
    end
    flat[place[sku]] = flat[place[sku]] + command[i + 1]
  end
  return flat
end

-- Whether the parts ask for more than `columns` count: each bundle of its own lines, and all together of each item.
local function parts_exceed(order, parts, columns)
  local sums = {}
  for i = 1, #parts, 2 do
    for _, target in ipairs(targets(order, parts[i], parts[i + 1])) do
      local sku = target[4]
      sums[sku] = (sums[sku] or 0) + target[2]
      if units_of(order, target[1], columns) < target[2] then return true end
    end
  end
  for sku, units in pairs(sums) do
    if units_of(order, function(line) return line[SKU] == sku end, columns) < units then return true end
  end
  return false
end

-- The order that a request means, when it has what the parts ask for; or nil and why not. `paid`: a paid order alone.
local function order_with(name, parts, columns, paid)
  local order = find_order(name)
  if not order or order.state == 'early' then return nil, 'unknown_order' end
  if paid and order.state ~= 'committed' then return nil, 'wrong_state' end
  if units_of(order, any_line, columns) == 0 then return nil, 'nothing_left' end
  if parts_exceed(order, parts, columns) then return nil, 'exceeds_order' end
  return order
end

-- Parts as they are worked off: bundles first, since theirs are the only lines that will do.
local function bundles_first(parts)
  local flat, others = {}, {}
  for i = 1, #parts, 2 do
    local item = find_item(parts[i])
    local list = item and item.bundle[1] and flat or others
    list[#list + 1], list[#list + 2] = parts[i], parts[i + 1]
  end
  for i = 1, #others do flat[#flat + 1] = others[i] end
  return flat
end

-- Units that parts name, of a bundle those of its components.
local function named_units(order, parts)
  local units = 0
  for i = 1, #parts, 2 do
    for _, target in ipairs(targets(order, parts[i], parts[i + 1])) do units = units + target[2] end
  end
  return units
end

-- Returns parts of an order, or everything. Gives the units that were asked for and could not be returned.
local function return_parts(order, parts, how)
  local back, excess = {}, 0
  if #parts == 0 then
    back = return_everything(order, how)
  else
    parts = bundles_first(parts)
    for i = 1, #parts, 2 do
      local whole = parts[i + 1]
      for _, target in ipairs(targets(order, parts[i], parts[i + 1])) do
        local returned = return_units(order, target[1], target[2], how, back)
        excess = excess + target[2] - returned
        whole = math.min(whole, math.floor(returned / target[3]))
      end
      uncount_bundles(order, parts[i], whole, how)
    end
  end
  if units_of(order, any_line, COUNTING.refundable) == 0 then
    uncount_bundles(order, nil, nil, how)
    order.state = 'released'
    order.expires = 0
  end
  put_order(order)
  give_all(back)
  return excess
end

-- Committed units leave the location. Gives the units that were asked for and are not there.
local function ship_parts(order, parts)
  local function ship(meant, units)
    local left = units
    for index = #order.lines, 1, -1 do
      local line = order.lines[index]
      if meant(line) then
        for piece = PIECES, #line, PIECE do
          local some = math.min(left, line[piece + OPEN])
          if some > 0 then
            local row = touch(find_item(line[SKU]), line[piece])
            row[COMMITTED], row[ON_HAND], row[SHIPPED] = row[COMMITTED] - some, row[ON_HAND] - some, row[SHIPPED] + some
            line[piece + OPEN], line[piece + SENT] = line[piece + OPEN] - some, line[piece + SENT] + some
            left = left - some
          end
        end
      end
    end
    return left
  end
  put_order(order)
  if #parts == 0 then
    ship(any_line, math.huge)
    return 0
  end
  local excess = 0
  parts = bundles_first(parts)
  for i = 1, #parts, 2 do
    for _, target in ipairs(targets(order, parts[i], parts[i + 1])) do excess = excess + ship(target[1], target[2]) end
  end
  return excess
end

-- Puts a fact aside. It is accepted and changes nothing.
local function quarantine(kind, name, reason)
  put(aside, 'fact ' .. digits[head.seq + 1], '{"type":"' .. kind .. '","order":' .. cjson.encode(name) .. ',"reason":"' .. reason .. '"}')
  alerts.raise('quarantined:' .. digits[head.seq + 1], 'warning', 1, '"kind":"quarantined","sku":null,"params":{"entry":'
    .. numeral(head.seq + 1) .. ',"type":"' .. kind .. '","order":' .. quoted[name] .. ',"reason":"' .. reason .. '"},"text":null')
  return '', { quarantined = reason }
end

-- Keeps a fact about an order that is not known yet.
local function keep_early(name, order, kind, restock, parts)
  order = order or { name = name, state = 'early', channel = '', buyer = '', expires = 0, lines = {}, early = {}, bundles = false }
  order.early[#order.early + 1] = { kind, restock, parts }
  put_order(order)
  return '', { early = true }
end

-- Applies a fact to an order that is there; the same for one that has just come and one that came early. Gives the
-- units that could not be taken into account.
local function apply_fact(order, kind, restock, parts)
  put_order(order)
  if kind == 'commit' or kind == 'ship' then
    if order.state == 'expired' then
      order.state = 'committed'
      take_all_facts(order)
    elseif order.state == 'held' then
      settle(order)
    end
    return kind == 'ship' and ship_parts(order, parts) or 0
  end
  if order.state ~= 'held' and order.state ~= 'committed' then
    if kind == 'release' and #parts == 0 then order.state = 'released' end
    return named_units(order, parts)
  end
  local refunded = kind == 'refund' and order.state == 'committed'
  return return_parts(order, parts, refunded and (restock and 'restock' or 'gone') or 'release')
end

-- A fact other than order.record.
local function fact(name, kind, restock, parts)
  local order = find_order(name)
  if not order or order.state == 'early' then return keep_early(name, order, kind, restock, parts) end
  if order.state == 'released' and (kind == 'commit' or kind == 'ship') then
    return quarantine('order.' .. kind, name, 'cancelled')
  end
  if order.state == 'expired' and (kind == 'commit' or kind == 'ship') and too_many_units(order.lines) then
    return 'too_many_units'
  end
  local pools = pools_of(order.lines)
  local excess = apply_fact(order, kind, restock, parts)
  rebalance_all(order, pools)
  return '', { excess = excess, oversold = oversold_of(order) }
end

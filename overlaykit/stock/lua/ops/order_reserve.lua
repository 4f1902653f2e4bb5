-- order.reserve: a request, all lines or none.
-- FIELDS  order, channel or '', buyer or '', hold in ms or 0 for the plan's, token of a personal hold or '', then for each
--         line: sku, quantity, location or '', region or '', drop or ''
-- REFUSES too_many_attempts (without entry), session_closed, unknown_channel, duplicate_order, unknown_sku, unknown_location,
--         not_on_sale, drop_closed, buyer_limit, no_stock_in_region, sold_out, allotment_exhausted
do
  local LINES = 9

  -- Whether the order is more than the limits of items and drops allow its buyer.
  local function beyond_limits(order)
    local only = not order.bundles and not order.lines[2] and order.lines[1]
    if only and only[DROP] == '' then
      local item = items[only[SKU]]
      local bought = find_buyer(order.buyer)[item.sku] or 0
      return item.buyer_limit > 0 and bought + only[ASKED] > item.buyer_limit
    end
    local buyer, counts = find_buyer(order.buyer), {}
    local function add(what, limit, units)
      if limit == 0 then return false end
      counts[what] = (counts[what] or buyer[what] or 0) + units
      return counts[what] > limit
    end
    for _, bundle in ipairs(order.bundles or {}) do
      if add(bundle[1], find_item(bundle[1]).buyer_limit, bundle[2]) then return true end
    end
    for i = 1, #order.lines do
      local line = order.lines[i]
      local item = find_item(line[SKU])
      if add(line[SKU], item.buyer_limit, line[ASKED]) then return true end
      local drop = item.drops[line[DROP]]
      if drop and add('\1' .. line[DROP], drop[BUYER_LIMIT], line[ASKED]) then return true end
    end
    return false
  end

  local function beyond_rate(order)
    local rate = config.buyer_rate
    if order.buyer == '' then return false end
    local units = taken_lately(find_buyer(order.buyer), rate)
    for i = 1, #order.lines do units = units + order.lines[i][ASKED] end
    return units > rate[1]
  end

  local function place(order, limited)
    if limited and beyond_limits(order) then return nil, 'buyer_limit' end
    return place_request(order.lines, order.channel)
  end

  -- By far the most orders have one line, of an item without quotas, and one place that has enough: the same decision as
  -- `place` and `take_planned` make, without the tables that they need for the rest. False when it is not as simple.
  local function take_simple(order, limited)
    local line = order.lines[1]
    local item = items[line[SKU]]
    if order.bundles or order.lines[2] or item.has_quotas or item.mode ~= 'spot' or config.buyer_rate then return false end
    if limited and beyond_limits(order) then return false end
    local units, places = line[ASKED], candidates(line[LOCATION], line[REGION])
    for i = 1, #places do
      local place = places[i]
      local row = item.rows[place]
      if row and row[AVAILABLE] >= units then
        touch(item, place)
        row[AVAILABLE], row[HELD] = row[AVAILABLE] - units, row[HELD] + units
        line[PIECES], line[PIECES + OPEN] = place, units
        if limited then count_line(order, line, units) end
        return true
      end
    end
    return false
  end

  ops['order.reserve'] = function(command, name, channel, buyer, hold, token)
    if tries_too_often(buyer) then return 'too_many_attempts' end
    if not taking_requests() then return 'session_closed' end
    local problem = channel_problem(channel)
    if problem then return problem end
    if find_order(name) then return 'duplicate_order' end
    local asked, bundles = read_lines(command, LINES)
    if not asked then return reading.wrong end
    if reading.not_on_sale then return 'not_on_sale' end
    if reading.drop_closed then return 'drop_closed' end
    local order = { name = name, state = 'held', channel = channel, buyer = buyer, expires = 0, lines = asked, early = false,
                    bundles = bundles }
    if config.buyer_rate and beyond_rate(order) then return 'buyer_limit' end
    local limited = reading.limited and buyer ~= ''
    if not take_simple(order, limited) then
      local plan, reason = place(order, limited)
      if not plan and sweep_holds(SWEEP_AT_MOST) > 0 then plan, reason = place(order, limited) end
      if not plan then return reason end
      take_planned(order, plan, limited)
    end
    order.expires = now + (hold > 0 and hold or config.hold_ms)
    put_order(order)
    if token == '' then return '' end
    return '', { hold = '"hold_token":"' .. token .. '","expires_at":"' .. iso(order.expires) .. '"' }
  end
end

-- order.reserve: a request, all lines or none.
-- FIELDS  order, channel or '', buyer or '', hold in ms or 0 for the plan's, token of a personal hold or '', then for each
--         line: sku, quantity, location or '', region or '', drop or ''
-- REFUSES too_many_attempts (without entry), session_closed, unknown_channel, duplicate_order, unknown_sku, unknown_location,
--         not_on_sale, drop_closed, buyer_limit, no_stock_in_region, sold_out, allotment_exhausted
do
  -- Whether the order is more than the limits of items and drops allow its buyer.
  local function beyond_limits(order)
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

  local function personal_hold(token, expires)
    return { hold = '"hold_token":"' .. token .. '","expires_at":"' .. iso(expires) .. '"' }
  end

  local function place(order, limited)
    if limited and beyond_limits(order) then return nil, 'buyer_limit' end
    return place_request(order.lines, order.channel)
  end

  -- By far the most orders have one line, of an item without quotas, and one place that has enough: the same decision as
  -- the rest of this file makes, without the tables and most of the calls that it needs for other orders: a call costs as much as
  -- ten steps. The order is put down as it is stored. False
  -- when it is not as simple, and nothing has been done.
  local function reserve_simply(command, name, channel, buyer, hold)
    local sku, units = command[FIELDS + 5], command[FIELDS + 6]
    local location, region = command[FIELDS + 7] or '', command[FIELDS + 8] or ''
    local item = items[sku] or find_item(sku)
    if not item or item.sale ~= 'open' or item.mode ~= 'spot' or item.has_quotas or item.bundle[1] or (command[FIELDS + 9] or '') ~= ''
      or command[FIELDS + 10] or config.buyer_rate then
      return false
    end
    if location ~= '' and not known_location(location) then return false end
    local limited = item.buyer_limit > 0 and buyer ~= ''
    if limited and bought_by(buyer, sku) + units > item.buyer_limit then return false end
    local places = location == '' and region == '' and config.locations or candidates(location, region)
    for i = 1, #places do
      local place = places[i]
      local row = item.rows[place]
      if row and row[AVAILABLE] >= units then
        touch(item, place, true)
        row[AVAILABLE], row[HELD] = row[AVAILABLE] - units, row[HELD] + units
        if limited then count_one_item(buyer, sku, units) end
        local expires, n = now + (hold > 0 and hold or config.hold_ms), #fresh_orders
        local packed = pack_fresh_order(channel, buyer, expires, sku, units, location, region, limited, place)
        orders[name] = packed
        fresh_orders[n + 1], fresh_orders[n + 2] = name, packed
        fresh_holds[n + 1], fresh_holds[n + 2] = expires, name
        return expires
      end
    end
    return false
  end

  ops['order.reserve'] = function(command, name, channel, buyer, hold, token)
    if config.attempt_rate and tries_too_often(buyer) then return 'too_many_attempts' end
    if head.status ~= 'live' and not taking_requests() then return 'session_closed' end
    if channel ~= '' and not config.channels[channel] then return 'unknown_channel' end
    if orders[name] ~= false and find_order(name) then return 'duplicate_order' end
    local expires = reserve_simply(command, name, channel, buyer, hold)
    if expires then return '', token ~= '' and personal_hold(token, expires) end
    local asked, bundles = read_lines(command, FIELDS + 5)
    if not asked then return reading.wrong end
    if reading.not_on_sale then return 'not_on_sale' end
    if reading.drop_closed then return 'drop_closed' end
    local order = { name = name, state = 'held', channel = channel, buyer = buyer, expires = 0, lines = asked, early = false,
                    bundles = bundles }
    if config.buyer_rate and beyond_rate(order) then return 'buyer_limit' end
    local limited = reading.limited and buyer ~= ''
    local plan, reason = place(order, limited)
    if not plan and sweep_holds(SWEEP_AT_MOST) > 0 then plan, reason = place(order, limited) end
    if not plan then return reason end
    take_planned(order, plan, limited)
    order.expires = now + (hold > 0 and hold or config.hold_ms)
    put_order(order)
    return '', token ~= '' and personal_hold(token, order.expires)
  end
end

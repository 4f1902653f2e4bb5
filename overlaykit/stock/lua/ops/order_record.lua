-- order.record: a fact, the platform sold it. What exceeds the stock becomes a debt. A known order moves forward: unpaid →
-- paid, expired → taken again; lines that differ are applied as the difference.
-- FIELDS  order, channel or '', buyer or '', paid, then for each line: sku, quantity, location or '', region or '', drop or ''
-- REFUSES unknown_channel, unknown_sku, unknown_location, too_many_units
do
  local LINES = FIELDS + 4

  -- More of a sku: lines like the command's last one of it.
  local function ask_more(order, command, sku, units)
    local like
    for i = LINES, #command, FIELDS_OF_LINE do
      if command[i] == sku then like = i end
    end
    local more, bundles = read_lines({ sku, units, command[like + 2], command[like + 3], command[like + 4] }, 1)
    local taken = 0
    for _, line in ipairs(more) do
      order.lines[#order.lines + 1] = line
      take_fact(order, line, line[ASKED])
      taken = taken + line[ASKED]
    end
    if bundles then
      bundles[1][4] = count_bought(order.buyer, find_item(sku), units)
      order.bundles = order.bundles or {}
      order.bundles[#order.bundles + 1] = bundles[1]
      count_bundle(sku, order, units)
    end
    take_lately(order.buyer, taken)
  end

  -- The same for bundles as such, of which `whole` are no longer asked for.
  local function fewer_bundles(order, sku, whole)
    local all = order.bundles or {}
    for i = #all, 1, -1 do
      local bundle = all[i]
      local forgotten = bundle[1] == sku and math.min(whole, bundle[3]) or 0
      bundle[2], bundle[3], whole = bundle[2] - forgotten, bundle[3] - forgotten, whole - forgotten
    end
    for i = #all, 1, -1 do
      local bundle = all[i]
      local some = bundle[1] == sku and math.min(whole, bundle[2] - bundle[3]) or 0
      if some > 0 then
        count_bundle(sku, order, -some)
        if bundle[4] == 1 then uncount_bought(order.buyer, sku, some) end
        bundle[2], whole = bundle[2] - some, whole - some
      end
    end
  end

  -- Less of a sku: units that came back already are forgotten first. Gives what can neither be forgotten nor returned.
  local function ask_less(order, sku, units, back)
    local short, whole = 0, units
    for _, target in ipairs(targets(order, sku, units)) do
      local meant, less = target[1], target[2]
      for index = #order.lines, 1, -1 do
        local line = order.lines[index]
        if meant(line) and (line[BUNDLE] == '' or line[BUNDLE] == sku) then
          local some = math.min(less, line[RETURNED])
          line[RETURNED], line[ASKED], less = line[RETURNED] - some, line[ASKED] - some, less - some
        end
      end
      local own = function(line) return meant(line) and (line[BUNDLE] == '' or line[BUNDLE] == sku) end
      local returned = return_units(order, own, less, 'release', back)
      short = short + less - returned
      whole = math.min(whole, math.floor((target[2] - less + returned) / target[3]))
      for index = #order.lines, 1, -1 do          -- what has come back now was never asked for
        local line = order.lines[index]
        if own(line) then
          local some = math.min(returned, line[RETURNED])
          line[RETURNED], line[ASKED], returned = line[RETURNED] - some, line[ASKED] - some, returned - some
        end
      end
    end
    fewer_bundles(order, sku, whole)
    return short
  end

  -- A known order's lines become those of the command. Gives the units that cannot be taken off.
  local function ask_for(order, command)
    local asked, bundles = read_lines(command, LINES)
    local before, known = asked_of(order.lines, order.bundles)
    local after, named = asked_of(asked, bundles)
    local back, excess = {}, 0
    for _, sku in ipairs(named) do
      local more = after[sku] - (before[sku] or 0)
      if more > 0 then ask_more(order, command, sku, more) end
      if more < 0 then excess = excess + ask_less(order, sku, -more, back) end
    end
    for _, sku in ipairs(known) do
      if not after[sku] and before[sku] > 0 then excess = excess + ask_less(order, sku, before[sku], back) end
    end
    if units_of(order, any_line, COUNTING.refundable) == 0 then
      uncount_bundles(order, nil, nil, 'release')
      order.state, order.expires = 'released', 0
    end
    give_all(back)
    return excess
  end

  local function take_new(order, paid)
    order.state = paid and 'committed' or 'held'
    take_all_facts(order)
  end

  -- Facts that came before their order, in the order in which they came. Gives what they could not do.
  local function apply_early(order)
    local excess = 0
    for _, each in ipairs(order.early) do
      if order.state ~= 'released' then
        excess = excess + apply_fact(order, each[1], each[2], each[3])
      else
        excess = excess + named_units(order, each[3])
      end
    end
    order.early = false
    return excess
  end

  local function cancelled_early(order)
    for _, each in ipairs(order.early) do
      if each[1] == 'release' and #each[3] == 0 then return true end
    end
    return false
  end

  ops['order.record'] = function(command, name, channel, buyer, paid)
    local problem = channel_problem(channel)
    if problem then return problem end
    local asked, bundles = read_lines(command, LINES)
    if not asked then return reading.wrong end
    local order, excess = find_order(name), 0
    local pools = pools_of(asked)
    if not order or order.state == 'early' then
      if too_many_units(asked) then return 'too_many_units' end
      local early = order and order.early or false
      order = { name = name, channel = channel, buyer = buyer, expires = 0, lines = asked, early = early, bundles = bundles }
      if early and cancelled_early(order) then
        order.state, order.early = 'released', false
      else
        take_new(order, paid)
        if early then excess = apply_early(order) end
      end
      put_order(order)
    else
      if order.state == 'released' then
        if paid then return quarantine('order.record', name, 'cancelled') end
        return ''
      end
      if channel ~= '' and order.channel ~= '' and channel ~= order.channel then 
        return quarantine('order.record', name, 'other_channel')
      end
      if too_many_units(asked, order.state ~= 'expired' and order) then return 'too_many_units' end
      pools = pools_of(order.lines)
      for _, sku in ipairs(pools_of(asked)) do
        if not pools[sku] then pools[sku] = pool(find_item(sku)); pools[#pools + 1] = sku end
      end
      if order.state == 'expired' then
        take_new(order, paid)
      elseif paid and order.state == 'held' then
        settle(order)
      end
      order.expires = 0
      excess = ask_for(order, command)
      put_order(order)
    end
    rebalance_all(order, pools)
    return '', { oversold = oversold_of(order), excess = excess }
  end
end

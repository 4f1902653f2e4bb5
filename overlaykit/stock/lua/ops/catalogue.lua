-- item.add: a new item, last in the running order.
-- FIELDS  sku, open or upcoming, rows by location, buyer_limit, presale_limit, bundle as {{sku, per} …}, link or '', product or '',
--         locations that its rows name, the item as JSON, levels low and critical or false (the plan's)
-- REFUSES duplicate_sku, unknown_location, unknown_sku (of a bundle), link_taken, levels_crossed
do
  local function save_order(order)
    new_links['order'] = order
    local names = {}
    for i, sku in ipairs(order) do names[i] = quoted[sku] end
    put(shown, 'order', '[' .. table.concat(names, ',') .. ']')
  end

  -- The skus of a link or product, in the running order.
  local function regroup(field, skus, order)
    local place = {}
    for i, sku in ipairs(order) do place[sku] = i end
    table.sort(skus, function(a, b) return place[a] < place[b] end)
    new_links[field] = skus
  end

  local function without(skus, gone)
    local kept = {}
    for _, sku in ipairs(skus) do
      if sku ~= gone then kept[#kept + 1] = sku end
    end
    return kept
  end

  -- Moves a sku from one link or product to another ('' for none).
  local function relink(kind, sku, before, after, order)
    if before ~= '' then new_links[kind .. ' ' .. before] = without(linked(kind .. ' ' .. before), sku) end
    if after ~= '' then
      local skus = without(linked(kind .. ' ' .. after), sku)
      skus[#skus + 1] = sku
      regroup(kind .. ' ' .. after, skus, order)
    end
  end

  -- Whether an item that is no variant of the same product has the link. overlaykit/model/rules.py has the rule for plans.
  local function link_taken(sku, link, product)
    if link == '' then return false end
    for _, other in ipairs(linked('link ' .. link)) do
      if other ~= sku and (product == '' or linked('item ' .. other)[2] ~= product) then return true end
    end
    return false
  end

  -- Whether critical is not below low. Levels of different kinds depend on the units opened, and are left to the board.
  local function crossed(low, critical)
    return low[1] == critical[1] and critical[2] >= low[2]
  end

  ops['item.add'] = function(command, sku, sale, rows, buyer_limit, presale_limit)
    local bundle, link, product, places, text = command[FIELDS + 5], command[FIELDS + 6], command[FIELDS + 7], command[FIELDS + 8], command[FIELDS + 9]
    if find_item(sku) then return 'duplicate_sku' end
    for _, place in ipairs(places) do
      if not known_location(place) then return 'unknown_location' end
    end
    for _, part in ipairs(bundle) do
      local item = find_item(part[1])
      if not item or item.bundle[1] then return 'unknown_sku' end
    end
    if link_taken(sku, link, product) then return 'link_taken' end
    local levels = linked('levels')
    local low, critical = command[FIELDS + 10] or levels[1], command[FIELDS + 11] or levels[2]
    if (command[FIELDS + 10] or command[FIELDS + 11]) and crossed(low, critical) then return 'levels_crossed' end
    items[sku] = { sku = sku, sale = sale, owed = 0, rows = rows, frozen = false, mode = 'spot', ship_by = '', buyer_limit = buyer_limit,
                   presale_limit = presale_limit, channels = {}, drops = {}, bundle = bundle, bundles = { 0, 0 }, readings = {}, marked = 0,
                   has_quotas = false }
    changed_items[sku] = items[sku]
    local order = linked('order')
    order[#order + 1] = sku
    save_order(order)
    new_links['item ' .. sku] = { link, product, low, critical }
    relink('link', sku, '', link, order)
    relink('product', sku, '', product, order)
    put(shown, 'added ' .. sku, text)
    return ''
  end

  -- item.update: changes what is said of an item.
  -- FIELDS  sku, changed fields as {{field, JSON} …}, buyer_limit or -1, presale_limit or -1, link or false, product or false
  --         (-1 and false: unchanged), levels low and critical or false
  -- REFUSES unknown_sku, link_taken, levels_crossed
  ops['item.update'] = function(command, sku, changes, buyer_limit, presale_limit, link, product)
    local item = find_item(sku)
    if not item then return 'unknown_sku' end
    local low, critical, groups = command[FIELDS + 6], command[FIELDS + 7], linked('item ' .. sku)
    if (link or product) and link_taken(sku, link or groups[1], product or groups[2]) then return 'link_taken' end
    if (low or critical) and crossed(low or groups[3], critical or groups[4]) then return 'levels_crossed' end
    for _, change in ipairs(changes) do put(shown, 'item ' .. change[1] .. ' ' .. sku, change[2]) end
    if buyer_limit >= 0 then item.buyer_limit = buyer_limit end
    if presale_limit >= 0 then item.presale_limit = presale_limit end
    keep_shown(item)
    if link or product or low or critical then
      local order = linked('order')
      if link then relink('link', sku, groups[1], link, order) end
      if product then relink('product', sku, groups[2], product, order) end
      new_links['item ' .. sku] = { link or groups[1], product or groups[2], low or groups[3], critical or groups[4] }
    end
    return ''
  end

  -- item.move: to a position of the running order.
  -- FIELDS  sku, position
  -- REFUSES unknown_sku, no_such_position
  ops['item.move'] = function(_, sku, position)
    if not find_item(sku) then return 'unknown_sku' end
    local order = without(linked('order'), sku)
    if position > #order + 1 then return 'no_such_position' end
    table.insert(order, position, sku)
    save_order(order)
    local groups = linked('item ' .. sku)
    if groups[1] ~= '' then regroup('link ' .. groups[1], linked('link ' .. groups[1]), order) end
    if groups[2] ~= '' then regroup('product ' .. groups[2], linked('product ' .. groups[2]), order) end
    return ''
  end
end

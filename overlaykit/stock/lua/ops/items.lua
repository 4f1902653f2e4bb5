-- item.open, item.close: on sale or not.
-- FIELDS  sku
-- REFUSES unknown_sku
do
  local function set_sale(sku, sale)
    local item = find_item(sku)
    if not item then return 'unknown_sku' end
    item.sale = sale
    keep_shown(item)
    return ''
  end
  ops['item.open'] = function(_, sku) return set_sale(sku, 'open') end
  ops['item.close'] = function(_, sku) return set_sale(sku, 'closed') end
end

-- item.mode: sells stock, or units on their way.
-- FIELDS  sku, spot or presale, day of shipping or ''
-- REFUSES unknown_sku, is_bundle
ops['item.mode'] = function(_, sku, mode, ship_by)
  local item = find_item(sku)
  if not item then return 'unknown_sku' end
  if item.bundle[1] then return 'is_bundle' end
  item.mode, item.ship_by = mode, ship_by
  keep_shown(item)
  return ''
end

-- item.feature: on air, for the room or for one channel.
-- FIELDS  kind (sku, product, link or nothing), its name, channel or ''
-- REFUSES unknown_channel, unknown_sku, unknown_item
ops['item.feature'] = function(_, kind, name, channel)
  local problem = channel_problem(channel)
  if problem then return problem end
  local skus = {}
  if kind == 'sku' then
    if not find_item(name) then return 'unknown_sku' end
    skus = { name }
  elseif kind ~= 'nothing' then
    skus = linked(kind .. ' ' .. name)
    if not skus[1] then return 'unknown_item' end
  end
  local names = {}
  for i, sku in ipairs(skus) do names[i] = quoted[sku] end
  local text = '[' .. table.concat(names, ',') .. ']'
  put(shown, channel == '' and 'on_air' or 'on_air ' .. channel, text)
  return '', { said = '"on_air":' .. text }
end

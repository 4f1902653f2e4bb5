-- item.open, item.close: on sale or not.
-- FIELDS  sku
-- REFUSES unknown_sku
local function set_sale(sku, sale)
  local item = find_item(sku)
  if not item then return 'unknown_sku' end
  item.sale = sale
  changed_items[sku] = item
  return ''
end
ops['item.open'] = function(sku) return set_sale(sku, 'open') end
ops['item.close'] = function(sku) return set_sale(sku, 'closed') end

-- item.feature: on air, for the room or for one channel.
-- FIELDS  kind (sku, product, link or nothing), its name, channel or ''
-- REFUSES unknown_channel, unknown_sku, unknown_item
ops['item.feature'] = function(kind, name, channel)
  local problem = channel_problem(channel)
  if problem then return problem end
  local skus = {}
  if kind == 'sku' then
    if not find_item(name) then return 'unknown_sku' end
    skus = { name }
  elseif kind ~= 'nothing' then
    local packed = redis.call('HGET', LINKS, kind .. ' ' .. name)
    if not packed then return 'unknown_item' end
    skus = cmsgpack.unpack(packed)
  end
  local names = {}
  for i, sku in ipairs(skus) do names[i] = quote(sku) end
  local text = '[' .. table.concat(names, ',') .. ']'
  local field = channel == '' and 'on_air' or 'on_air ' .. channel
  new_shown[field], gone_shown[field] = text, nil
  return '', { said = '"on_air":' .. text }
end

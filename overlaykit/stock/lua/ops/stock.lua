-- stock.count: an absolute reading of one item at one location. A reading below what is spoken for empties available, then
-- buffer, then damaged; what is still missing is the outcome's excess.
-- FIELDS  sku, location or '', quantity, basis (on_hand or available), open orders included, expected or -1
-- REFUSES unknown_sku, unknown_location, changed
ops['stock.count'] = function(sku, location, quantity, basis, with_open_orders, expected)
  local item = find_item(sku)
  if not item then return 'unknown_sku' end
  local place = one_location(location)
  if not place then return 'unknown_location' end
  local row = item.rows[place] or { 0, 0, 0, 0, 0, 0, 0, 0, 0 }
  local stands = basis == 'available' and row[AVAILABLE] or row[ON_HAND]
  if expected >= 0 and expected ~= stands then return 'changed' end
  local target = quantity
  if basis == 'on_hand' then
    target = quantity - row[BUFFER] - row[DAMAGED] - (with_open_orders and row[HELD] + row[COMMITTED] or 0)
  end
  row = touch(item, place)
  local missing = math.max(0, -target)
  local rise = math.max(0, target) - row[AVAILABLE]
  if rise > 0 then
    row[OPENING], row[ON_HAND] = row[OPENING] + rise, row[ON_HAND] + rise
    give(item, place, rise)
  else
    row[AVAILABLE], row[ON_HAND] = row[AVAILABLE] + rise, row[ON_HAND] + rise
  end
  for _, bucket in ipairs({ BUFFER, DAMAGED }) do
    local some = math.min(missing, row[bucket])
    row[bucket], row[ON_HAND], missing = row[bucket] - some, row[ON_HAND] - some, missing - some
  end
  return '', { excess = missing }
end

-- stock.adjust: a signed change of one bucket.
-- FIELDS  sku, location or '', bucket, delta
-- REFUSES unknown_sku, unknown_location, insufficient
local ADJUSTABLE = { available = AVAILABLE, incoming = INCOMING, damaged = DAMAGED, buffer = BUFFER }
ops['stock.adjust'] = function(sku, location, bucket, delta)
  local item = find_item(sku)
  if not item then return 'unknown_sku' end
  local place = one_location(location)
  if not place then return 'unknown_location' end
  local column = ADJUSTABLE[bucket]
  local row = item.rows[place]
  if (row and row[column] or 0) + delta < 0 then return 'insufficient' end
  row = touch(item, place)
  if column ~= INCOMING then row[ON_HAND] = row[ON_HAND] + delta end
  if column == AVAILABLE and delta > 0 then
    row[OPENING] = row[OPENING] + delta
    give(item, place, delta)
  else
    row[column] = row[column] + delta
  end
  return ''
end

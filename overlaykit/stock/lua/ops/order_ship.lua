-- order.ship: sent, whole or in part; committed units leave the location.
-- FIELDS  order, fact, then for each part: sku, quantity; no part: everything
-- REFUSES unknown_order, wrong_state, nothing_left, exceeds_order
ops['order.ship'] = function(command, name, is_fact)
  local parts = read_parts(command, 6)
  if is_fact then return fact(name, 'ship', false, parts) end
  local order = find_order(name)
  if not order or order.state == 'early' then return 'unknown_order' end
  if order.state ~= 'committed' then return 'wrong_state' end
  if units_of(order, any_line, COUNTING.shippable) == 0 then return 'nothing_left' end
  if parts_exceed(order, parts, COUNTING.shippable) then return 'exceeds_order' end
  ship_parts(order, parts)
  return ''
end

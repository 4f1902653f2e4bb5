-- order.ship: sent, whole or in part; committed units leave the location.
-- FIELDS  order, fact, then for each part: sku, quantity; no part: everything
-- REFUSES unknown_order, wrong_state, nothing_left, exceeds_order
ops['order.ship'] = function(command, name, is_fact)
  local parts = read_parts(command, FIELDS + 2)
  if is_fact then return fact(name, 'ship', false, parts) end
  local order, reason = order_with(name, parts, COUNTING.shippable, true)
  if not order then return reason end
  ship_parts(order, parts)
  return ''
end

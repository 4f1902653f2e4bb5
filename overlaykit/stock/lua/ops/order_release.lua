-- order.release: cancelled, whole or in part; what the order holds, has committed or is owed goes back.
-- FIELDS  order, fact, then for each part: sku, quantity; no part: everything
-- REFUSES unknown_order, nothing_left, exceeds_order
ops['order.release'] = function(command, name, is_fact)
  local parts = read_parts(command, FIELDS + 2)
  if is_fact then return fact(name, 'release', false, parts) end
  local order, reason = order_with(name, parts, COUNTING.returnable, false)
  if not order then return reason end
  return_parts(order, parts, 'release')
  return ''
end

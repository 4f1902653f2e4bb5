-- order.refund: paid back, whole or in part; units return to available, or are gone.
-- FIELDS  order, fact, restock, then for each part: sku, quantity; no part: everything
-- REFUSES unknown_order, wrong_state, nothing_left, exceeds_order
ops['order.refund'] = function(command, name, is_fact, restock)
  local parts = read_parts(command, FIELDS + 3)
  if is_fact then return fact(name, 'refund', restock, parts) end
  local order, reason = order_with(name, parts, COUNTING.refundable, true)
  if not order then return reason end
  return_parts(order, parts, restock and 'restock' or 'gone')
  return ''
end

-- order.refund: paid back, whole or in part; units return to available, or are gone.
-- FIELDS  order, fact, restock, then for each part: sku, quantity; no part: everything
-- REFUSES unknown_order, wrong_state, nothing_left, exceeds_order
ops['order.refund'] = function(command, name, is_fact, restock)
  local parts = read_parts(command, 7)
  if is_fact then return fact(name, 'refund', restock, parts) end
  local order = find_order(name)
  if not order or order.state == 'early' then return 'unknown_order' end
  if order.state ~= 'committed' then return 'wrong_state' end
  if units_of(order, any_line, COUNTING.refundable) == 0 then return 'nothing_left' end
  if parts_exceed(order, parts, COUNTING.refundable) then return 'exceeds_order' end
  return_parts(order, parts, restock and 'restock' or 'gone')
  return ''
end

-- order.release: cancelled, whole or in part; what the order holds, has committed or is owed goes back.
-- FIELDS  order, fact, then for each part: sku, quantity; no part: everything
-- REFUSES unknown_order, nothing_left, exceeds_order
ops['order.release'] = function(command, name, is_fact)
  local parts = read_parts(command, 6)
  if is_fact then return fact(name, 'release', false, parts) end
  local order = find_order(name)
  if not order or order.state == 'early' then return 'unknown_order' end
  if units_of(order, any_line, COUNTING.returnable) == 0 then return 'nothing_left' end
  if parts_exceed(order, parts, COUNTING.returnable) then return 'exceeds_order' end
  return_parts(order, parts, 'release')
  return ''
end

-- order.release: cancelled; everything the order holds, has committed or is owed goes back.
-- FIELDS  order
-- REFUSES unknown_order, nothing_left
ops['order.release'] = function(name)
  local order = find_order(name)
  if not order then return 'unknown_order' end
  if order.state ~= 'held' and order.state ~= 'committed' then return 'nothing_left' end
  order.state, order.expires = 'released', 0
  put_order(order)
  give_back(order, nil)
  gone_holds[name], new_holds[name] = true, nil
  return ''
end

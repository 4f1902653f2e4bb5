-- order.reserve: a request, all lines or none.
-- FIELDS  order, channel or '', buyer or '', hold in ms or 0 for the plan's, lines {{sku, quantity, location or '', region or ''} …}
-- REFUSES session_closed, unknown_channel, duplicate_order, unknown_sku, unknown_location, not_on_sale, sold_out,
--         no_stock_in_region
ops['order.reserve'] = function(name, channel, buyer, hold, asked)
  if head.status ~= 'live' and head.status ~= 'frozen' then return 'session_closed' end
  local problem = channel_problem(channel)
  if problem then return problem end
  if find_order(name) then return 'duplicate_order' end
  problem = line_problem(asked)
  if problem then return problem end
  for i = 1, #asked do
    if find_item(asked[i][1]).sale ~= 'open' then return 'not_on_sale' end
  end
  local plan, reason = allocate(asked)
  if not plan and sweep_holds(SWEEP_AT_MOST) > 0 then plan, reason = allocate(asked) end
  if not plan then return reason end
  local expires = now + (hold > 0 and hold or settings().hold_ms)
  local order = { name = name, state = 'held', channel = channel, buyer = buyer, expires = expires, lines = {} }
  for i = 1, #asked do order.lines[i] = new_line(asked[i], plan[i][1]) end
  take_all(order.lines, plan, false)
  put_order(order)
  new_holds[name], gone_holds[name] = order.expires, nil
  return ''
end

-- order.commit: paid; held → committed. A hold that is due and has not been swept yet still counts. After its expiry the
-- order takes stock again if there is some. A hold outlives the end of the session: who was promised units may pay.
-- FIELDS  order, fact
-- REFUSES unknown_order, wrong_state, expired, session_closed (taking again after the end)
ops['order.commit'] = function(_, name, is_fact)
  if is_fact then return fact(name, 'commit', false, {}) end
  local order = find_order(name)
  if not order or order.state == 'early' then return 'unknown_order' end
  if order.state == 'held' then
    settle(order)
  elseif order.state == 'expired' then
    if not taking_requests() then return 'session_closed' end
    local drops = {}
    for i, line in ipairs(order.lines) do drops[i], line[DROP] = line[DROP], '' end
    local plan = place_request(order.lines, order.channel)
    if not plan and sweep_holds(SWEEP_AT_MOST) > 0 then plan = place_request(order.lines, order.channel) end
    if not plan then
      for i, line in ipairs(order.lines) do line[DROP] = drops[i] end
      return 'expired'
    end
    order.state = 'committed'
    take_planned(order, plan, order.buyer ~= '')
  else
    return 'wrong_state'
  end
  put_order(order)
  return ''
end

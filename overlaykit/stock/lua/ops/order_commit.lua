-- order.commit: paid; held → committed. A hold that is due and has not been swept yet still counts. After its expiry the
-- order takes stock again if there is some. A hold outlives the end of the session: who was promised units may pay.
-- FIELDS  order
-- REFUSES unknown_order, wrong_state (committed or released already), expired, session_closed (taking again after the end)
ops['order.commit'] = function(name)
  local order = find_order(name)
  if not order then return 'unknown_order' end
  if order.state == 'held' then
    settle(order)
  elseif order.state == 'expired' then
    if head.status ~= 'live' and head.status ~= 'frozen' then return 'session_closed' end
    local plan = allocate(order.lines)
    if not plan and sweep_holds(SWEEP_AT_MOST) > 0 then plan = allocate(order.lines) end
    if not plan then return 'expired' end
    take_all(order.lines, plan, true)
  else
    return 'wrong_state'
  end
  order.state, order.expires = 'committed', 0
  put_order(order)
  gone_holds[name], new_holds[name] = true, nil
  return ''
end

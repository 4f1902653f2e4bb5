-- hold.expired, countdown.due, announce.expired as given by a recording, when it is replayed.
-- FIELDS  the order, the countdown's or the announcement's name
-- REFUSES wrong_state (there is nothing to end)
ops['hold.expired'] = function(name)
  local order = find_order(name)
  if not order or order.state ~= 'held' then return 'wrong_state' end
  expire_order(name)
end
ops['countdown.due'] = function(name) end_timer('countdown ' .. name) end
ops['announce.expired'] = function(name) end_timer('announce ' .. name) end

-- sweep: works off what is due. Takes no entry of its own and gives the number of those it wrote.
-- FIELDS  none
ops['sweep'] = function()
  local worked = sweep_holds(SWEEP_AT_MOST)
  local due = redis.call('ZRANGEBYSCORE', TIMERS, '-inf', now, 'LIMIT', 0, SWEEP_AT_MOST)
  for _, member in ipairs(due) do end_timer(member) end
  return worked + #due
end

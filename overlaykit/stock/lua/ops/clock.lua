-- hold.expired, countdown.due, announce.expired, drop.opened, drop.closed as given by a recording, when it is replayed.
-- FIELDS  the order, the countdown's, the announcement's or the drop's name
-- REFUSES wrong_state (there is nothing to end)
ops['hold.expired'] = function(_, name)
  local order = find_order(name)
  if not order or order.state ~= 'held' then return 'wrong_state' end
  expire_order(name)
end
ops['countdown.due'] = function(_, name) end_timer('countdown ' .. name) end
ops['announce.expired'] = function(_, name) end_timer('announce ' .. name) end
ops['drop.opened'] = function(_, name) end_timer('open ' .. name) end
ops['drop.closed'] = function(_, name) end_timer('close ' .. name) end

-- sweep: works off what is due. Takes no entry of its own and gives the number of those it wrote.
-- FIELDS  none
ops['sweep'] = function()
  if not time_runs() then return 0 end
  local worked = sweep_holds(SWEEP_AT_MOST)
  local due = redis.call('ZRANGEBYSCORE', key.timers, '-inf', now, 'LIMIT', 0, SWEEP_AT_MOST)
  for _, member in ipairs(due) do
    if not timers.gone[member] and end_timer(member) then worked = worked + 1 end
  end
  return worked
end

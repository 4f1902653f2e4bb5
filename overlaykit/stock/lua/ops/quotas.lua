-- allotment.set: how much of an item a channel may sell in all.
-- FIELDS  sku, channel, quantity or -1 for no allotment
-- REFUSES unknown_sku, is_bundle, unknown_channel
ops['allotment.set'] = function(_, sku, channel, quantity)
  local item = find_item(sku)
  if not item then return 'unknown_sku' end
  local problem = channel_problem(channel)
  if problem then return problem end
  if item.bundle[1] then return 'is_bundle' end
  note_change(quotas_changed, item)
  local quota = item.channels[channel]
  if quota then quota[ALLOTTED] = quantity else item.channels[channel] = { quantity, 0 } end
  item.has_quotas = true
  return ''
end

-- drop.release, drop.close: opens or ends a planned batch now.
-- FIELDS  drop
-- REFUSES unknown_drop, session_closed (release), wrong_state
ops['drop.release'] = function(_, name)
  local drop, item = find_drop(name)
  if not drop then return 'unknown_drop' end
  if not taking_requests() then return 'session_closed' end
  if drop[STATUS] ~= 'pending' then return 'wrong_state' end
  return '', open_drop(name, item, drop)
end
ops['drop.close'] = function(_, name)
  local drop, item = find_drop(name)
  if not drop then return 'unknown_drop' end
  if drop[STATUS] == 'closed' then return 'wrong_state' end
  return '', close_drop(name, item, drop)
end

-- session.planned: entry 1. Lays down configuration, items and opening stock of a new ledger; dispatch.lua answers for one that exists.
-- FIELDS  epoch, title, plan JSON, configuration, links {{field, list} …}, items {packed as items.lua says, each with its sku before} …}
ops['session.planned'] = function(_, epoch, title, plan, configuration, links, planned)
  redis.call('SET', key.plan, plan)
  redis.call('SET', key.config, cmsgpack.pack(configuration))
  config = configuration
  for _, link in ipairs(links) do redis.call('HSET', key.links, link[1], cmsgpack.pack(link[2])) end
  for _, item in ipairs(planned) do redis.call('HSET', key.items, item[1], cmsgpack.pack(item[2])) end
  set_head('epoch', epoch)
  set_head('title', title)
  set_head('status', 'planned')
  set_head('planned_at', digits[now])
  set_head('rotated_at', digits[now])
  set_head('frozen', 0)
  set_head('generation', 'a')
  return ''
end

-- session.open: live. Starts the plan's countdowns, and those to the drops that open by themselves.
-- FIELDS  none
-- REFUSES wrong_state (open already, or closed)
ops['session.open'] = function()
  if head.status ~= 'planned' then return 'wrong_state' end
  set_head('status', 'live')
  set_head('opened_at', digits[now])
  local texts = {}
  for _, countdown in ipairs(config.countdowns) do
    local deadline = countdown[3] > 0 and countdown[3] or now + countdown[4]
    texts[#texts + 1] = set_countdown(countdown[1], countdown[2], deadline, #texts + 1)
  end
  for _, opening in ipairs(config.openings) do
    local drop, item = find_drop(opening[1])
    if drop[STATUS] == 'pending' then
      put(timers, 'open ' .. opening[1], opening[2])
      texts[#texts + 1] = set_countdown(opening[1] .. '-open', item.sku, opening[2], #texts + 1, true)
    end
  end
  if #texts == 0 then return '' end
  return '', { said = '"countdowns":[' .. table.concat(texts, ',') .. ']' }
end

-- session.freeze, session.thaw: what is shown stands still, or follows again.
-- FIELDS  none
-- REFUSES wrong_state
ops['session.freeze'] = function()
  if head.status ~= 'live' then return 'wrong_state' end
  set_head('status', 'frozen')
  set_head('frozen', head.seq + 1)
  return ''
end
ops['session.thaw'] = function()
  if head.status ~= 'frozen' then return 'wrong_state' end
  set_head('status', 'live')
  set_head('frozen', 0)
  return ''
end

-- session.close: over.
-- FIELDS  none
-- REFUSES wrong_state (closed already)
ops['session.close'] = function()
  if head.status == 'closed' then return 'wrong_state' end
  set_head('status', 'closed')
  set_head('frozen', 0)
  return ''
end

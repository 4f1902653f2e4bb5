-- session.planned: entry 1. Lays down configuration, items and opening stock of a new ledger; on one that exists, nothing.
-- FIELDS  epoch, title, plan JSON, configuration, links {{field, skus} …}, items {{sku, sale, {location → row}} …}
-- REFUSES wrong_state (the ledger has a plan)
ops['session.planned'] = function(epoch, title, plan, configuration, links, rows)
  if head.seq > 0 then return 'wrong_state' end
  redis.call('SET', PLAN, plan)
  redis.call('SET', CONFIG, cmsgpack.pack(configuration))
  config = configuration
  for _, link in ipairs(links) do redis.call('HSET', LINKS, link[1], cmsgpack.pack(link[2])) end
  for _, item in ipairs(rows) do
    items[item[1]] = { sku = item[1], sale = item[2], owed = 0, rows = item[3], frozen = false }
    changed_items[item[1]] = items[item[1]]
  end
  set_head('epoch', epoch)
  set_head('title', title)
  set_head('status', 'planned')
  set_head('planned_at', string.format('%d', now))
  set_head('frozen', 0)
  set_head('generation', 'a')
  return ''
end

-- session.open: live. Starts the plan's countdowns.
-- FIELDS  none
-- REFUSES wrong_state (open already, or closed)
ops['session.open'] = function()
  if head.status ~= 'planned' then return 'wrong_state' end
  set_head('status', 'live')
  set_head('opened_at', string.format('%d', now))
  local texts = {}
  for i, countdown in ipairs(settings().countdowns) do
    local deadline = countdown[3] > 0 and countdown[3] or now + countdown[4]
    texts[i] = set_countdown(countdown[1], countdown[2], deadline, i)
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

-- Commands to the director, and what it and the gateway note beside them. Of most the entry alone matters: who follows the
-- ledger acts on it.

local shown_now = alerts.shown_now

-- rule.set: whether a rule is on, over what the plan says.
-- FIELDS  name, JSON or '' for as the plan says
ops['rule.set'] = function(_, name, enabled)
  if enabled == '' then remove(shown, 'rule ' .. name) else put(shown, 'rule ' .. name, enabled) end
  return ''
end

-- rule.fire: a rule fires by hand.
-- FIELDS  sku or ''
-- REFUSES unknown_sku
ops['rule.fire'] = function(_, sku)
  if sku ~= '' and not find_item(sku) then return 'unknown_sku' end
  return ''
end

-- button.press, emergency.run, obs.do, overlay.refresh
-- FIELDS  none
local function said() return '' end
ops['button.press'], ops['emergency.run'], ops['obs.do'], ops['overlay.refresh'] = said, said, said, said

-- The open tasks, the oldest first.
local TASKS_AT_MOST = 200
local function open_tasks()
  local text = shown_now('tasks')
  return text and cjson.decode(text) or {}
end
local function keep_open(tasks)
  if tasks[1] then put(shown, 'tasks', cjson.encode(tasks)) else remove(shown, 'tasks') end
end
local function take_out(tasks, task)
  for i = 1, #tasks do
    if tasks[i] == task then return table.remove(tasks, i) end
  end
end

-- task.done: a task leaves.
-- FIELDS  task
-- REFUSES unknown_task
ops['task.done'] = function(_, task)
  local tasks = open_tasks()
  if not take_out(tasks, task) then return 'unknown_task' end
  keep_open(tasks)
  remove(shown, 'task ' .. task)
  return ''
end

-- alert.acknowledge: somebody has seen it.
-- FIELDS  alert, who, as JSON
-- REFUSES unknown_alert
ops['alert.acknowledge'] = function(_, id, by)
  if not shown_now('alert ' .. id) then return 'unknown_alert' end
  put(shown, 'acked ' .. id, '{"by":' .. by .. ',"at":"' .. iso(now) .. '","seq":' .. numeral(head.seq + 1) .. '}')
  return ''
end

-- alert.snooze: it is quiet for a while.
-- FIELDS  alert, ms, who, as JSON
-- REFUSES unknown_alert
ops['alert.snooze'] = function(_, id, ms, by)
  if not shown_now('alert ' .. id) then return 'unknown_alert' end
  local ends_at = iso(now + ms)
  put(shown, 'snoozed ' .. id, '{"by":' .. by .. ',"until":"' .. ends_at .. '","seq":' .. numeral(head.seq + 1) .. '}')
  return '', { said = '"ends_at":"' .. ends_at .. '"', ends_at = ends_at }
end

-- note.set: what the operator tells the presenter.
-- FIELDS  text as JSON, or '' for nothing; who, as JSON
ops['note.set'] = function(_, text, by)
  if text == '' then
    remove(shown, 'note')
  else
    put(shown, 'note', '{"text":' .. text .. ',"by":' .. by .. ',"at":"' .. iso(now) .. '"}')
  end
  return ''
end

-- Notes. The fields of each begin with the fencing token of the lease under which it is said, or -1 without one.
-- REFUSES fenced, without an entry
local function comes_late(token) return token >= 0 and fenced(token) end

-- Those that say how something stands now, and those that say nothing a board shows.
-- FIELDS  token, {{field of `shown`, JSON or '' to take it away} …}, {{alert, level or '' where it is over, count or -1 for once
--         more, JSON members of what it is about} …}
local function note(_, token, fields, turns)
  if comes_late(token) then return 'fenced' end
  for i = 1, #turns do
    local id, level, count, members = unpack(turns[i])
    if level == '' then alerts.lower(id) else alerts.raise(id, level, count >= 0 and count or nil, members) end
  end
  for i = 1, #fields do
    if fields[i][2] == '' then remove(shown, fields[i][1]) else put(shown, fields[i][1], fields[i][2]) end
  end
  return ''
end
for _, kind in ipairs({ 'forecast.updated', 'rule.skipped', 'action.done', 'obs.acted', 'obs.changed', 'obs.health',
                        'source.stale', 'source.fresh', 'chat.heard', 'alert.raised' }) do
  ops[kind] = note
end

-- rule.fired: counted by rule.
-- FIELDS  token, rule, sku as JSON
ops['rule.fired'] = function(_, token, rule, sku)
  if comes_late(token) then return 'fenced' end
  local before = shown_now('fired ' .. rule)
  local count = before and tonumber(string.match(before, '^{"count":(%d+)')) or 0
  put(shown, 'fired ' .. rule, '{"count":' .. digits[count + 1] .. ',"at":"' .. iso(now) .. '","seq":' .. digits[head.seq + 1]
    .. ',"sku":' .. sku .. '}')
  return ''
end

-- task.opened: the last of the tasks. One more than there may be, and the oldest leaves: an output task.dropped.
-- FIELDS  token, task, JSON members of what is shown of it
ops['task.opened'] = function(_, token, task, members)
  if comes_late(token) then return 'fenced' end
  local tasks = open_tasks()
  take_out(tasks, task)
  tasks[#tasks + 1] = task
  put(shown, 'task ' .. task, '{' .. members .. ',"opened_at":"' .. iso(now) .. '"}')
  if #tasks > TASKS_AT_MOST then
    local oldest = table.remove(tasks, 1)
    remove(shown, 'task ' .. oldest)
    outputs[#outputs + 1] = { 'task.dropped', '"task":' .. cjson.encode(oldest) }
  end
  keep_open(tasks)
  return ''
end

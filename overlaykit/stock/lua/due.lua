-- What ends or begins by time, each as an entry of the clock.

-- Sets a countdown and gives its JSON. `nth` is its place among those that the entry sets. One that belongs to a drop ends
-- with the drop's own entry, `quietly`.
function set_countdown(name, sku, deadline, nth, quietly)
  local member = 'countdown ' .. name
  local text = '{"name":' .. cjson.encode(name) .. ',"sku":' .. (sku == '' and 'null' or quoted[sku])
    .. ',"ends_at":"' .. iso(deadline) .. '"'
  put(shown, member, text .. ',"order":[' .. digits[head.seq + 1] .. ',' .. digits[nth] .. ']}')
  if not quietly then put(timers, member, deadline) end
  return text .. '}'
end

function end_countdown(name)
  remove(shown, 'countdown ' .. name)
  remove(timers, 'countdown ' .. name)
end

-- pending → open. Gives what the entry says of countdowns, as an operation's extra.
function open_drop(name, item, drop)
  note_change(quotas_changed, item)
  drop[STATUS] = 'open'
  remove(timers, 'open ' .. name)
  end_countdown(name .. '-open')
  local said = '"ended":[' .. cjson.encode(name .. '-open') .. ']'
  if drop[CLOSES_AFTER] > 0 then
    local deadline = now + drop[CLOSES_AFTER]
    put(timers, 'close ' .. name, deadline)
    said = '"countdowns":[' .. set_countdown(name .. '-close', item.sku, deadline, 1, true) .. '],' .. said
  end
  return { said = said }
end

-- pending or open → closed: its quota holds nothing back any more.
function close_drop(name, item, drop)
  note_change(quotas_changed, item)
  drop[STATUS] = 'closed'
  for _, part in ipairs({ 'open', 'close' }) do
    remove(timers, part .. ' ' .. name)
    end_countdown(name .. '-' .. part)
  end
  return { said = '"ended":[' .. cjson.encode(name .. '-open') .. ',' .. cjson.encode(name .. '-close') .. ']' }
end

function find_drop(name)
  local sku = config.drops[name]
  local item = sku and find_item(sku)
  return item and item.drops[name], item
end

local function expire_order(name)
  local order = find_order(name)
  local back = return_everything(order, 'expire')
  order.state = 'expired'
  order.expires = 0
  put_order(order)
  give_all(back)
  clock_entry('hold.expired', '"order":' .. cjson.encode(name))
end

-- The clock's part in `member` of the timers. False when there is nothing to do any more.
local function end_timer(member)
  local kind, name = string.match(member, '^(%a+) (.*)$')
  remove(timers, member)
  if kind == 'announce' then
    remove(shown, member)
    clock_entry('announce.expired', '"announcement":' .. cjson.encode(name))
  elseif kind == 'countdown' then
    clock_entry('countdown.due', '"name":' .. cjson.encode(name))
  else
    local drop, item = find_drop(name)
    if kind == 'open' and drop[STATUS] == 'pending' and (taking_requests() or not time_runs()) then
      clock_entry('drop.opened', '"drop":' .. cjson.encode(name), open_drop(name, item, drop))
    elseif kind == 'close' and drop[STATUS] == 'open' then
      clock_entry('drop.closed', '"drop":' .. cjson.encode(name), close_drop(name, item, drop))
    else
      return false
    end
  end
  return true
end

-- Works off up to `most` due holds that no earlier command of this call has settled. Gives how many.
do
  local looked_at, all_seen = 0, false   -- of the due holds as they are stored: what this call has done is not in there yet
  sweep_holds = function(most)
    if all_seen or not time_runs() then return 0 end
    local due = redis.call('ZRANGEBYSCORE', key.holds, '-inf', now, 'LIMIT', looked_at, most)
    looked_at, all_seen = looked_at + #due, #due < most
    local worked = 0
    for _, name in ipairs(due) do
      local order = find_order(name)
      if order and order.state == 'held' and order.expires > 0 and order.expires <= now then
        expire_order(name)
        worked = worked + 1
      end
    end
    return worked
  end
end

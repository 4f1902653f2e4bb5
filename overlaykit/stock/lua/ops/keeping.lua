-- What the leading director does to a ledger besides sweeping: memory is given back, and time stands still while the
-- store's clock is suspect. Each is refused without an entry, or writes an entry of the clock's by itself. A replay applies what
-- a recording says as it stands.
--
-- Head: rotated_at (ms), retired (orders that have left so far), fence (the highest fencing token that spoke), suspended.

-- Whether what a director says comes too late: another one leads since it was sent.
local function fenced(token)
  if given() then return false end
  local highest = tonumber(redis.call('HGET', key.head, 'fence') or 0)
  if token < highest then return true end
  if token > highest then set_head('fence', token) end
  return false
end

do
  -- ids.rotated: the older generation of ids goes, the newest becomes the older one.
  -- FIELDS  fencing token, and when it is due: ms that ids are kept at least and at most, ids that are many
  -- REFUSES fenced, not_due
  ops['ids.rotated'] = function(_, token, kept_at_least, kept_at_most, ids_at_most)
    if fenced(token) then return 'fenced' end
    local in_b = head.generation == 'b'
    if not given() then
      if head.suspended then return 'not_due' end
      local rotated_at = redis.call('HGET', key.head, 'rotated_at') or head.opened_at or head.planned_at
      local age = now - tonumber(rotated_at)
      local many = redis.call('HLEN', in_b and key.ids_b or key.ids_a) >= ids_at_most
      if age < kept_at_most and (age < kept_at_least or not many) then return 'not_due' end
    end
    afterwards[#afterwards + 1] = { 'UNLINK', in_b and key.ids_a or key.ids_b }
    set_head('generation', in_b and 'a' or 'b')
    set_head('older', '1')
    set_head('rotated_at', string.format('%d', now))
    clock_entry('ids.rotated', '"generation":"' .. head.generation .. '"')
  end

  -- Whether nothing of an order can change by itself any more, and only its history is left.
  local function is_finished(order)
    if order.state == 'released' or order.state == 'expired' or order.state == 'early' then return true end
    if order.state ~= 'committed' then return false end
    for _, line in ipairs(order.lines) do
      if line[DEBT] > 0 then return false end
      for piece = PIECES, #line, PIECE do
        if line[piece + OPEN] > 0 or line[piece + PRESOLD] > 0 then return false end
      end
    end
    return true
  end

  -- orders.retired: finished orders leave, some time after their last change. Others among the names stay.
  -- FIELDS  fencing token, at most 200 names, ms: only orders that changed last before this, ms that an order is kept
  -- REFUSES fenced, nothing_left
  ops['orders.retired'] = function(_, token, names, before, kept)
    if fenced(token) then return 'fenced' end
    if head.suspended and not given() then return 'nothing_left' end
    local gone, text = { 'HDEL', key.orders }, ''
    local latest = math.min(before, now - kept)
    for _, name in ipairs(names) do
      local order = find_order(name)
      if order and (given() or is_finished(order) and order.at * 1000 + 999 < latest) then
        gone[#gone + 1] = name
        text = joined(text, cjson.encode(name))
        orders[name] = false
      end
    end
    if text == '' then return 'nothing_left' end
    afterwards[#afterwards + 1] = gone
    set_head('retired', string.format('%d', tonumber(redis.call('HGET', key.head, 'retired') or 0) + #gone - 2))
    clock_entry('orders.retired', '"orders":[' .. text .. ']')
  end

  -- clock.suspended, clock.resumed: from one to the other nothing ends or opens by time.
  -- FIELDS  fencing token, JSON members of the entry's data
  -- REFUSES fenced, wrong_state
  local function set_suspended(value)
    return function(_, token, data)
      if fenced(token) then return 'fenced' end
      if head.suspended == value then return 'wrong_state' end
      head.suspended = value
      head_changed.suspended = value and 1 or 0
      if value then
        alerts.raise('clock', 'urgent', nil, '"kind":"clock","sku":null,"params":{' .. data .. '},"text":null')
      else
        alerts.lower('clock')
      end
      clock_entry(value and 'clock.suspended' or 'clock.resumed', data)
    end
  end
  ops['clock.suspended'], ops['clock.resumed'] = set_suspended(true), set_suspended(false)

  -- clock.accept: the operator says that the store's new time is the right one.
  -- FIELDS  none
  -- REFUSES wrong_state (it is not suspended)
  ops['clock.accept'] = function()
    if not head.suspended then return 'wrong_state' end
    head.suspended = false
    head_changed.suspended = 0
    alerts.lower('clock')
    return ''
  end
end

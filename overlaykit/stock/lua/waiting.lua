-- Orders that wait: for units they were sold beyond what there was (debts), or for units on their way (presale).

local next_debt
do
  -- A walk over the debts of a sku, oldest first: those stored, read a chunk at a time, then those of this call.
  local debt_walks = {}

  next_debt = function(sku)
    local walk = debt_walks[sku]
    if not walk then
      walk = { stored = {}, at = 1, offset = 0, more = true, fresh_at = 1 }
      debt_walks[sku] = walk
    end
    if walk.at > #walk.stored and walk.more then
      walk.stored = redis.call('ZRANGEBYLEX', key.queues, '[' .. sku .. '\0', '(' .. sku .. '\1', 'LIMIT', walk.offset, CHUNK)
      walk.at, walk.offset, walk.more = 1, walk.offset + CHUNK, #walk.stored == CHUNK
    end
    local member = walk.stored[walk.at]
    if member then return member, function() walk.at = walk.at + 1 end end
    local fresh = fresh_waiting[sku]
    member = fresh and fresh[walk.fresh_at]
    if member then return member, function() walk.fresh_at = walk.fresh_at + 1 end end
  end
end
local function add_debt(item, line, order, units, seq)
  line[DEBT], line[SEQ] = line[DEBT] + units, seq
  owe(item, units)
  wait_in_queue(item.sku, order.name, seq)
end

-- Takes `units` off a line's debt; the debt leaves the queue with the last line of the order that is part of it.
local function lessen_debt(item, line, order, units)
  line[DEBT] = line[DEBT] - units
  owe(item, -units)
  for _, other in ipairs(order.lines) do
    if other[SKU] == item.sku and other[SEQ] == line[SEQ] and other[DEBT] > 0 then return end
  end
  remove(waiting, waiting_member(item.sku, order.name, line[SEQ]))
end

local function lessen_presold(item, line, order, piece, units)
  line[piece + PRESOLD] = line[piece + PRESOLD] - units
  for _, other in ipairs(order.lines) do
    if other[SKU] == item.sku and other[SEQ] == line[SEQ] then
      for i = PIECES, #other, PIECE do
        if other[i + PRESOLD] > 0 then return end
      end
    end
  end
  remove(waiting, waiting_member('\1' .. item.sku, order.name, line[SEQ]))
end

-- `left` units that entered available at a place pay debts of the item, oldest first.
local function pay_debts(item, place, left)
  while item.owed > 0 and left > 0 do
    local member, done = next_debt(item.sku)
    if not member then break end
    local seq = tonumber(string.sub(member, #item.sku + 2, #item.sku + 17))
    local order = find_order(string.sub(member, #item.sku + 19))
    local covers, owed = 0, 0
    for _, line in ipairs(order and order.lines or {}) do
      if line[SKU] == item.sku and line[SEQ] == seq and line[DEBT] > 0 then
        local units = math.min(line[DEBT], left)
        if units > 0 then
          take_stock(item, order, line, place, units)
          lessen_debt(item, line, order, units)
          covers, left = covers + units, left - units
        end
        owed = owed + line[DEBT]
      end
    end
    if covers > 0 then
      put_order(order)
      outputs[#outputs + 1] = { 'oversold.covered', '"sku":' .. quoted[item.sku] .. ',"location":' .. quoted[place]
        .. ',"order":' .. cjson.encode(order.name) .. ',"quantity":' .. digits[covers] }
    end
    if owed == 0 then done() end
  end
end

-- Units into available, from a bucket of their own or from outside.
function give(item, place, units)
  local row = touch(item, place)
  row[AVAILABLE] = row[AVAILABLE] + units
  if item.owed > 0 then pay_debts(item, place, units) end
end

-- Units that have come, for orders that wait for them at a place, those first that have waited longest. Gives how many found one.
function serve_presold(item, place, units)
  local prefix, left, offset = '\1' .. item.sku, units, 0
  local row = item.rows[place]
  if row[PRESOLD_HELD] + row[PRESOLD_COMMITTED] == 0 then return 0 end
  local function visit(member)
    local seq = tonumber(string.sub(member, #prefix + 2, #prefix + 17))
    local order = find_order(string.sub(member, #prefix + 19))
    for _, line in ipairs(order and order.lines or {}) do
      for piece = PIECES, #line, PIECE do
        if line[SKU] == item.sku and line[SEQ] == seq and line[piece] == place and line[piece + PRESOLD] > 0 and left > 0 then
          local some = math.min(left, line[piece + PRESOLD])
          local paid = order.state == 'committed'
          local waited, bucket = paid and PRESOLD_COMMITTED or PRESOLD_HELD, paid and COMMITTED or HELD
          touch(item, place)
          row[waited], row[bucket], row[ON_HAND] = row[waited] - some, row[bucket] + some, row[ON_HAND] + some
          lessen_presold(item, line, order, piece, some)
          line[piece + OPEN] = line[piece + OPEN] + some
          left = left - some
          put_order(order)
        end
      end
    end
  end
  while left > 0 do
    local found = redis.call('ZRANGEBYLEX', key.queues, '[' .. prefix .. '\0', '(' .. prefix .. '\1', 'LIMIT', offset, CHUNK)
    for _, member in ipairs(found) do
      if left > 0 then visit(member) end
    end
    if #found < CHUNK then break end
    offset = offset + CHUNK
  end
  for _, member in ipairs(fresh_waiting[prefix] or {}) do
    if left > 0 then visit(member) end
  end
  return units - left
end

-- Orders: what each asked for, what it got and where.
--
-- state    held (unpaid) → committed (paid); expired or released when nothing is left of it
-- lines    each {sku, asked, location or '', region or '', debt, seq of the debt or 0, place, held, committed, shipped, place …}:
--          a line may be served by several places; debt is what a fact sold beyond what there was

local DEBT, DEBT_SEQ = 5, 6
local PIECES = 7                 -- where a line's first piece begins: place, held, committed, shipped
local orders = {}                -- order → its record, or false

local function unpack_order(name, packed)
  if not packed then return false end
  local parts = cmsgpack.unpack(packed)
  return { name = name, state = parts[1], channel = parts[2], buyer = parts[3], expires = parts[4], lines = parts[5] }
end

local function find_order(name)
  local order = orders[name]
  if order == nil then
    order = unpack_order(name, redis.call('HGET', ORDERS, name))
    orders[name] = order
  end
  return order
end

local function put_order(order)
  orders[order.name] = order
  changed_orders[order.name] = order
end

local function add_piece(line, place, column, units)
  for i = PIECES, #line, 4 do
    if line[i] == place then
      line[i + column] = line[i + column] + units
      return
    end
  end
  local last = #line
  line[last + 1], line[last + 2], line[last + 3], line[last + 4] = place, 0, 0, 0
  line[last + 1 + column] = units
end

local HELD_OF_PIECE, COMMITTED_OF_PIECE = 1, 2

-- Takes units out of available for a line, into held or committed.
local function take(item, line, place, units, paid)
  local row = touch(item, place)
  row[AVAILABLE] = row[AVAILABLE] - units
  local column = paid and COMMITTED or HELD
  row[column] = row[column] + units
  add_piece(line, place, paid and COMMITTED_OF_PIECE or HELD_OF_PIECE, units)
end

-- Where each line of a request can be served: per line a flat list place, units, place, units …; or nil and the reason.
-- Lines of one sku are summed: `spoken` holds what earlier lines of the order will take.
local function allocate(lines)
  local plan, spoken = {}, {}
  local summed = #lines > 1
  for i = 1, #lines do
    local line = lines[i]
    local item = find_item(line[1])
    local asked, places = line[2], candidates(line[3], line[4])
    local taken = summed and spoken[item.sku] or spoken
    if summed and taken == spoken then
      taken = {}
      spoken[item.sku] = taken
    end
    local parts
    for j = 1, #places do
      local place = places[j]
      if available_at(item, place) - (taken[place] or 0) >= asked then
        parts = { place, asked }
        break
      end
    end
    if not parts and settings().split then
      local left, n = asked, 0
      parts = {}
      for _, place in ipairs(places) do
        local units = math.min(left, available_at(item, place) - (taken[place] or 0))
        if units > 0 then
          parts[n + 1], parts[n + 2] = place, units
          left, n = left - units, n + 2
        end
      end
      if left > 0 then parts = nil end
    end
    if not parts then return nil, line[4] ~= '' and 'no_stock_in_region' or 'sold_out' end
    if summed then
      for at = 1, #parts, 2 do taken[parts[at]] = (taken[parts[at]] or 0) + parts[at + 1] end
    end
    plan[i] = parts
  end
  return plan
end

local function take_all(lines, plan, paid)
  for i = 1, #lines do
    local line, parts = lines[i], plan[i]
    local item = find_item(line[1])
    for at = 1, #parts, 2 do take(item, line, parts[at], parts[at + 1], paid) end
  end
end

-- Debts ---------------------------------------------------------------------------------------------------------------

local function debt_member(sku, order, seq)
  return sku .. '\0' .. string.format('%016d', seq) .. '\0' .. order
end

-- A walk over the debts of a sku, oldest first: those stored, read a chunk at a time, then those of this call.
local debt_walks = {}
local fresh_debts = {}           -- sku → members added by this call

local function next_debt(sku)
  local walk = debt_walks[sku]
  if not walk then
    walk = { stored = {}, at = 1, offset = 0, more = true, fresh_at = 1 }
    debt_walks[sku] = walk
  end
  if walk.at > #walk.stored and walk.more then
    walk.stored = redis.call('ZRANGEBYLEX', DEBTS, '[' .. sku .. '\0', '(' .. sku .. '\1', 'LIMIT', walk.offset, CHUNK)
    walk.at, walk.offset, walk.more = 1, walk.offset + CHUNK, #walk.stored == CHUNK
  end
  local member = walk.stored[walk.at]
  if member then return member, function() walk.at = walk.at + 1 end end
  local fresh = fresh_debts[sku]
  member = fresh and fresh[walk.fresh_at]
  if member then return member, function() walk.fresh_at = walk.fresh_at + 1 end end
end

local function add_debt(item, line, order, units, seq)
  line[DEBT], line[DEBT_SEQ] = line[DEBT] + units, seq
  owe(item, units)
  local member = debt_member(item.sku, order.name, seq)
  if not new_debts[member] then
    new_debts[member] = 0
    local fresh = fresh_debts[item.sku]
    if not fresh then fresh = {}; fresh_debts[item.sku] = fresh end
    fresh[#fresh + 1] = member
  end
end

-- Takes `units` off a line's debt; the debt leaves the queue with the last line of the order that is part of it.
local function lessen_debt(item, line, order, units)
  line[DEBT] = line[DEBT] - units
  owe(item, -units)
  for _, other in ipairs(order.lines) do
    if other[1] == item.sku and other[DEBT_SEQ] == line[DEBT_SEQ] and other[DEBT] > 0 then return end
  end
  gone_debts[debt_member(item.sku, order.name, line[DEBT_SEQ])] = true
end

-- Units that entered available at a place pay debts of the item, oldest first. Gives a list of {order, units}.
local function pay_debts(item, place)
  local covered = {}
  while item.owed > 0 and available_at(item, place) > 0 do
    local member, done = next_debt(item.sku)
    if not member then break end
    local seq = tonumber(string.sub(member, #item.sku + 2, #item.sku + 17))
    local order = find_order(string.sub(member, #item.sku + 19))
    local covers, left = 0, 0
    for _, line in ipairs(order and order.lines or {}) do
      if line[1] == item.sku and line[DEBT_SEQ] == seq and line[DEBT] > 0 then
        local units = math.min(line[DEBT], available_at(item, place))
        if units > 0 then
          take(item, line, place, units, order.state == 'committed')
          lessen_debt(item, line, order, units)
          covers = covers + units
        end
        left = left + line[DEBT]
      end
    end
    if covers > 0 then
      put_order(order)
      covered[#covered + 1] = { order.name, covers }
    end
    if left == 0 then done() end
  end
  return covered
end

-- Units back into available, from a bucket of their own or from outside. `covered_by_entry` collects debts they paid.
local covered_by_entry = {}
local function give(item, place, units)
  local row = touch(item, place)
  row[AVAILABLE] = row[AVAILABLE] + units
  if item.owed > 0 then
    for _, paid in ipairs(pay_debts(item, place)) do
      covered_by_entry[#covered_by_entry + 1] = { item.sku, place, paid[1], paid[2] }
    end
  end
end

-- Gives back up to `units` of a sku that the order holds, has committed or is owed, debt first; all when units is nil.
-- What is given is collected, and enters available after the order itself has changed.
local function give_back(order, sku, units)
  local left, returned = units or math.huge, 0
  local back = {}
  for index = #order.lines, 1, -1 do
    local line = order.lines[index]
    if line[1] == sku or sku == nil then
      local item = find_item(line[1])
      local debt = math.min(left, line[DEBT])
      if debt > 0 then
        lessen_debt(item, line, order, debt)
        left, returned = left - debt, returned + debt
      end
      for piece = PIECES, #line, 4 do
        for column = HELD_OF_PIECE, COMMITTED_OF_PIECE do
          local some = math.min(left, line[piece + column])
          if some > 0 then
            line[piece + column] = line[piece + column] - some
            local row = touch(item, line[piece])
            local bucket = column == HELD_OF_PIECE and HELD or COMMITTED
            row[bucket] = row[bucket] - some
            back[#back + 1] = { item, line[piece], some }
            left, returned = left - some, returned + some
          end
        end
      end
    end
  end
  for _, part in ipairs(back) do give(part[1], part[2], part[3]) end
  return returned
end

-- held → committed, for every piece of the order.
local function settle(order)
  for i = 1, #order.lines do
    local line = order.lines[i]
    local item = find_item(line[1])
    for piece = PIECES, #line, 4 do
      local units = line[piece + HELD_OF_PIECE]
      if units > 0 then
        local row = touch(item, line[piece])
        row[HELD], row[COMMITTED] = row[HELD] - units, row[COMMITTED] + units
        line[piece + HELD_OF_PIECE] = 0
        line[piece + COMMITTED_OF_PIECE] = line[piece + COMMITTED_OF_PIECE] + units
      end
    end
  end
end

-- A line as an order keeps it, from a command's {sku, quantity, location, region}; with a piece at `place` where that is
-- known already (a list that grows later costs more).
local function new_line(asked, place)
  if place then return { asked[1], asked[2], asked[3], asked[4], 0, 0, place, 0, 0, 0 } end
  return { asked[1], asked[2], asked[3], asked[4], 0, 0 }
end

-- The first thing wrong with the lines of a command, or nil.
local function line_problem(lines)
  for i = 1, #lines do
    local line = lines[i]
    if not find_item(line[1]) then return 'unknown_sku' end
    if line[3] ~= '' and not known_location(line[3]) then return 'unknown_location' end
  end
end

local function channel_problem(channel)
  if channel ~= '' and not settings().channels[channel] then return 'unknown_channel' end
end

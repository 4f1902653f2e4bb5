-- Orders: what each asked for, what it got and where.
--
-- An order is stored as the list {state, channel, buyer, expires ms or 0, at, early, bundles, length, line …}:
--   state    held (unpaid), committed (paid), expired, released, early (only facts about it have come so far)
--   at       second of its last change       early    facts that wait for their order, or false; facts.lua says of what
--   bundles  {{sku, asked, returned, limited} …} that it ordered as such, or false
-- A line is a list of what stands below, then for each location that serves it a piece: place, open, presold, shipped. A new
-- line has room for one piece, with false for its place.
-- Open units are held or committed, as the order is. limited is 1 where a buyer's limit counts the line.

local SKU, ASKED, LOCATION, REGION, DEBT, SEQ, RETURNED, DROP = 1, 2, 3, 4, 5, 6, 7, 8
local COUNTED, DROP_COUNTED, LIMITED, BUNDLE, PIECES = 9, 10, 11, 12, 13   -- SEQ: the entry that took its debt or presold units
local OPEN, PRESOLD, SENT, PIECE = 1, 2, 3, 4                              -- within a piece; length of a piece
local orders = {}                -- order → its record, or as it is stored until somebody asks for it, or false

local FIRST_LINE = 8             -- in the stored list: after seven fields, each line with its length before it

local function unpack_order(name, packed)
  local flat = cmsgpack.unpack(packed)
  local order = { name = name, state = flat[1], channel = flat[2], buyer = flat[3], expires = flat[4], hold = flat[4], at = flat[5],
                  early = flat[6], bundles = flat[7], lines = {} }
  local i = FIRST_LINE
  while flat[i] do
    order.lines[#order.lines + 1] = { unpack(flat, i + 1, i + flat[i]) }
    i = i + 1 + flat[i]
  end
  return order
end

local pack_order, pack_fresh_order
do
  -- By far the most orders have one line, at one place.
  local SIMPLE_LINE = PIECES + PIECE - 1
  local SIMPLE = list_header(FIRST_LINE + SIMPLE_LINE)

  -- A new unpaid order of one line, of which all units come from one place. Its buyer's name comes once, so its header is put
  -- before it instead of asking the library.
  local HELD_ORDER = SIMPLE .. '\164held'
  local NOTHING_ELSE = '\194\194' .. string.char(SIMPLE_LINE)   -- no early facts, no bundles; the length of the line
  local NO_DROP = '\0\0\0\160\0\0'                             -- nor debt, its seq, units returned, or any counted
  local LIMITED_ITEM, UNLIMITED_ITEM = '\1\160', '\0\160'       -- then no bundle
  local NOT_SENT = '\0\0'                                       -- nor presold
  local short_text = setmetatable({}, { __index = function(all, length)
    local made = string.char(160 + length)
    all[length] = made
    return made
  end })
  pack_fresh_order = function(channel, buyer, expires, sku, units, location, region, limited, place)
    local packed = bytes
    return HELD_ORDER .. packed[channel] .. (#buyer < 32 and short_text[#buyer] .. buyer or packed[buyer]) .. packed[expires]
      .. packed[second] .. NOTHING_ELSE .. packed[sku] .. packed[units] .. packed[location] .. packed[region] .. NO_DROP
      .. (limited and LIMITED_ITEM or UNLIMITED_ITEM) .. packed[place] .. packed[units] .. NOT_SENT
  end

  pack_order = function(order)
    local all, line = order.lines, order.lines[1]
    local early = order.early and cmsgpack.pack(order.early) or bytes[false]
    local bundles = order.bundles and cmsgpack.pack(order.bundles) or bytes[false]
    if #all == 1 and #line == SIMPLE_LINE and line[PIECES] then
      return SIMPLE .. bytes[order.state] .. bytes[order.channel] .. bytes[order.buyer] .. bytes[order.expires]
        .. bytes[second] .. early .. bundles .. bytes[SIMPLE_LINE] .. bytes[line[1]] .. bytes[line[2]] .. bytes[line[3]] .. bytes[line[4]]
        .. bytes[line[5]] .. bytes[line[6]] .. bytes[line[7]] .. bytes[line[8]] .. bytes[line[9]] .. bytes[line[10]]
        .. bytes[line[11]] .. bytes[line[12]] .. bytes[line[13]] .. bytes[line[14]] .. bytes[line[15]] .. bytes[line[16]]
    end
    local packed, n = {}, 0
    for i = 1, #all do
      line = all[i]
      local length = line[PIECES] and #line or PIECES - 1
      packed[n + 1] = bytes[length]
      for j = 1, length do packed[n + 1 + j] = bytes[line[j]] end
      n = n + 1 + length
    end
    return list_header(FIRST_LINE - 1 + n) .. bytes[order.state] .. bytes[order.channel] .. bytes[order.buyer]
      .. bytes[order.expires] .. bytes[second] .. early .. bundles .. table.concat(packed)
  end
end

local function find_order(name)
  local order = orders[name]
  if order == nil then order = redis.call('HGET', key.orders, name) end
  if type(order) == 'string' then order = unpack_order(name, order) end
  orders[name] = order
  return order
end

-- To be stored with what it has become; its hold too (expires, 0 for none).
local function put_order(order)
  if order.changed then return end
  order.changed = true
  orders[order.name] = order
  changed_orders[#changed_orders + 1] = order
end

local function piece_at(line, place)
  local last = #line
  for i = PIECES, last, PIECE do
    if line[i] == place then return i end
    if not line[i] then
      line[i] = place
      return i
    end
  end
  line[last + 1], line[last + 2], line[last + 3], line[last + 4] = place, 0, 0, 0
  return last + 1
end

-- Lines -----------------------------------------------------------------------------------------------------------------

local FIELDS_OF_LINE = 5         -- in a command: sku, quantity, location or '', region or '', drop or ''; the last line's last three
                                 -- are not there when they are all ''

local function new_line(sku, quantity, location, region, drop, bundle)
  return { sku, quantity, location, region, 0, 0, 0, drop, 0, 0, 0, bundle, false, 0, 0, 0 }
end

-- What stands in the way of an order with the lines read last, and whether it needs a look at limits and quotas. `wrong`: a
-- name that nobody knows.
local reading = {}

local function read_item(item, drop_name)
  if item.sale ~= 'open' then reading.not_on_sale = true end
  if item.buyer_limit > 0 then reading.limited = true end
  if drop_name == '' then return end
  local drop = item.drops[drop_name]
  reading.limited = true
  if not drop or drop[STATUS] ~= 'open' or item.mode == 'presale' then reading.drop_closed = true end
end

-- The lines that a command has from its field `first` on, as an order keeps them: a bundle as its components; and the
-- bundles among them, or false.
local function read_lines(command, first)
  local found, bundles, n = {}, false, 0
  reading = {}
  for i = first, #command, FIELDS_OF_LINE do
    local sku, quantity = command[i], command[i + 1]
    local location, region, drop = command[i + 2] or '', command[i + 3] or '', command[i + 4] or ''
    local item = items[sku] or find_item(sku)
    if not item then reading.wrong = 'unknown_sku'; return end
    if location ~= '' and not known_location(location) then reading.wrong = 'unknown_location'; return end
    read_item(item, drop)
    if item.bundle[1] then
      bundles = bundles or {}
      bundles[#bundles + 1] = { sku, quantity, 0, 0 }
      for _, part in ipairs(item.bundle) do
        n = n + 1
        found[n] = new_line(part[1], quantity * part[2], location, region, '', sku)
        if find_item(part[1]).buyer_limit > 0 then reading.limited = true end
      end
    else
      n = n + 1
      found[n] = new_line(sku, quantity, location, region, drop, '')
    end
  end
  return found, bundles
end

-- sku as ordered → units asked for, and the skus in the order in which the order names them first.
local function asked_of(all, bundles)
  local sums, skus = {}, {}
  local function add(sku, units)
    if not sums[sku] then sums[sku] = 0; skus[#skus + 1] = sku end
    sums[sku] = sums[sku] + units
  end
  for i = 1, #all do
    if all[i][BUNDLE] == '' then add(all[i][SKU], all[i][ASKED]) end
  end
  for _, bundle in ipairs(bundles or {}) do add(bundle[1], bundle[2]) end
  return sums, skus
end

-- A queue's members, in order of age: debts of a sku by its name, orders that wait for its incoming units with \1 before it.
local fresh_waiting = {}         -- queue → members added by this call

local function waiting_member(queue, order, seq)
  return queue .. '\0' .. string.format('%016d', seq) .. '\0' .. order
end

local function wait_in_queue(queue, order, seq)
  local member = waiting_member(queue, order, seq)
  if waiting.new[member] then return end
  waiting.new[member], waiting.gone[member] = 0, nil
  local fresh = fresh_waiting[queue]
  if not fresh then fresh = {}; fresh_waiting[queue] = fresh end
  fresh[#fresh + 1] = member
end

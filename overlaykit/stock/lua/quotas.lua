-- Quotas of an item: allotments of channels and drops. They own no units; they limit what may be sold through them.
--
-- An allotment is {allotted or -1, used}. A drop is {quantity, used, sold, status, buyer_limit or 0, closes_after ms or 0,
-- place in the plan}; its status is pending, open or closed.

local ALLOTTED, USED, SOLD, STATUS, BUYER_LIMIT, CLOSES_AFTER, PLACE = 1, 2, 3, 4, 5, 6, 7

local function left_of(quota)
  return quota[ALLOTTED] < 0 and 0 or math.max(0, quota[ALLOTTED] - quota[USED])
end

-- Available units that no allotment and no drop keeps for itself; negative when they keep more than there is.
local function pool(item)
  local units = totals(item)
  for _, quota in pairs(item.channels) do units = units - left_of(quota) end
  for _, drop in pairs(item.drops) do
    if drop[STATUS] ~= 'closed' then units = units - left_of(drop) end
  end
  return units
end

local function allotment(item, channel)
  local quota = item.has_quotas and item.channels[channel]
  return quota and quota[ALLOTTED] >= 0 and quota or nil
end

local function change_quota(item, quota, units)
  note_change(quotas_changed, item)
  quota[USED] = quota[USED] + units
end

-- Where several are meant, drops come in the plan's order.
local function drops_in_order(item)
  local names = {}
  for name in pairs(item.drops) do names[#names + 1] = name end
  table.sort(names, function(a, b) return item.drops[a][PLACE] < item.drops[b][PLACE] end)
  return names
end

-- After a fact: when it made the pool smaller than it was and than nothing, other quotas give what they have left.
local function rebalance(item, before, channel, drop_names)
  if not item.has_quotas then return end
  local missing = math.min(before, 0) - pool(item)
  local function give_up(quota, from)
    local units = math.min(missing, left_of(quota))
    if units <= 0 then return end
    note_change(quotas_changed, item)
    quota[ALLOTTED] = quota[ALLOTTED] - units
    missing = missing - units
    outputs[#outputs + 1] = { 'allotment.moved', '"sku":' .. quoted[item.sku] .. ',"from":' .. quoted[from]
      .. ',"quantity":' .. digits[units] }
  end
  if missing <= 0 then return end
  for _, name in ipairs(config.channel_order) do
    local quota = item.channels[name]
    if quota and name ~= channel then give_up(quota, 'channel:' .. name) end
  end
  for _, name in ipairs(drops_in_order(item)) do
    local drop = item.drops[name]
    if drop[STATUS] ~= 'closed' and not drop_names[name] then give_up(drop, 'drop:' .. name) end
  end
end

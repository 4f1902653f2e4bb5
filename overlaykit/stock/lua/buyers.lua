-- Buyers: what each has bought where a limit counts it, and how often they try.

-- A buyer is a table: sku → units bought of it, "\1" and a drop's name → units bought in it, LATELY → {ms, units, ms …} taken
-- within the plan's window, of whatever item.
local LATELY = '\2'
local buyers = {}                -- buyer → that table
local stored_buyers = {}         -- those of them that were looked for, as they are or will be stored; or false

local function find_buyer(name)
  local buyer = buyers[name]
  if not buyer then
    local packed = stored_buyers[name]
    if packed == nil then packed = redis.call('HGET', key.buyers, name) end
    buyer = packed and cmsgpack.unpack(packed) or {}
    buyers[name] = buyer
  end
  return buyer
end

-- The buyer as it is stored, or nil when there is nothing to remember.
local function pack_buyer(buyer)
  local text, n = '', 0
  for name, value in pairs(buyer) do
    text, n = text .. bytes[name] .. (name == LATELY and cmsgpack.pack(value) or bytes[value]), n + 1
  end
  if n == 0 then return end
  return n < 16 and string.char(128 + n) .. text or '\222' .. struct.pack('>I2', n) .. text
end

local function add_units(name, what, units)
  local buyer = find_buyer(name)
  local sum = (buyer[what] or 0) + units
  buyer[what] = sum > 0 and sum or nil
  changed_buyers[name] = buyer
end

-- Units that the buyer took, of whatever item, within the plan's window.
local function taken_lately(buyer, rate)
  local units, list = 0, buyer[LATELY] or {}
  for i = 1, #list, 2 do
    if list[i] > now - rate[2] then units = units + list[i + 1] end
  end
  return units
end

local function take_lately(name, units)
  local rate = config.buyer_rate
  if name == '' or not rate then return end
  local buyer, kept = find_buyer(name), {}
  local list = buyer[LATELY] or {}
  for i = 1, #list, 2 do
    if list[i] > now - rate[2] then kept[#kept + 1], kept[#kept + 2] = list[i], list[i + 1] end
  end
  if kept[#kept - 1] == now then
    kept[#kept] = kept[#kept] + units
  else
    kept[#kept + 1], kept[#kept + 2] = now, units
  end
  buyer[LATELY] = kept
  changed_buyers[name] = buyer
end

-- Counts units of an item for the buyer, where it has a limit. Gives 1 when it did, as a line remembers it.
local function count_bought(name, item, units)
  if name == '' or item.buyer_limit == 0 then return 0 end
  add_units(name, item.sku, units)
  return 1
end

-- Units that the buyer has bought of an item since it has a limit.
local function bought_by(name, sku)
  if stored_buyers[name] == false and not buyers[name] then return 0 end
  return find_buyer(name)[sku] or 0
end

-- Counts units of an item with a limit. Most buyers are new.
local function count_one_item(name, sku, units)
  if stored_buyers[name] ~= false or buyers[name] then return add_units(name, sku, units) end
  local packed, n = '\129' .. bytes[sku] .. bytes[units], #fresh_buyers
  stored_buyers[name] = packed
  fresh_buyers[n + 1], fresh_buyers[n + 2] = name, packed
end

local function uncount_bought(name, sku, units) add_units(name, sku, -units) end

local function count_dropped(name, drop, limit, units)
  if name ~= '' and limit > 0 then add_units(name, '\1' .. drop, units) end
end

-- One more try of the buyer's. True when that is too many in the running window.
local function tries_too_often(name)
  local rate = config.attempt_rate
  if name == '' or given() then return false end
  local window = digits[math.floor(now / rate[2])]
  if head.attempts ~= window then set_head('attempts', window) end
  local tries = new_attempts[name]
  if not tries then tries = head_changed.attempts and 0 or tonumber(redis.call('HGET', key.attempts, name) or 0) end
  if tries >= rate[1] then return true end
  new_attempts[name] = tries + 1
  return false
end

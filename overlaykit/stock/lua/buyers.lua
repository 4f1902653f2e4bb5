-- Buyers: what each has bought where a limit counts it, and how often they try.

local OF_BUYER = { UNITS = 1, DROPS = 2, LATELY = 3 }
local buyers = {}                -- buyer → {units by sku, units by drop, {ms, units …} taken lately}

local stored_buyers = {}         -- those of them that were looked for: packed, or false

local function find_buyer(name)
  local buyer = buyers[name]
  if not buyer then
    local packed = stored_buyers[name]
    if packed == nil then packed = redis.call('HGET', key.buyers, name) end
    buyer = packed and cmsgpack.unpack(packed) or { {}, {}, {} }
    buyers[name] = buyer
  end
  return buyer
end

local pack_buyer
do
  local function pack_counts(counts)
    local text, n = '', 0
    for name, units in pairs(counts) do
      text, n = text .. bytes[name] .. bytes[units], n + 1
    end
    return n < 16 and string.char(128 + n) .. text or '\222' .. struct.pack('>I2', n) .. text
  end

  -- The buyer as it is stored, or nil when there is nothing to remember.
  pack_buyer = function(buyer)
    local lately = buyer[OF_BUYER.LATELY]
    if not lately[1] and not has_any(buyer[OF_BUYER.UNITS]) and not has_any(buyer[OF_BUYER.DROPS]) then return end
    return '\147' .. pack_counts(buyer[OF_BUYER.UNITS]) .. pack_counts(buyer[OF_BUYER.DROPS])
      .. (lately[1] and cmsgpack.pack(lately) or '\144')
  end
end

local function add_units(counts, key, units)
  local sum = (counts[key] or 0) + units
  counts[key] = sum > 0 and sum or nil
end

-- Units that the buyer took, of whatever item, within the plan's window.
local function taken_lately(buyer, rate)
  local units, list = 0, buyer[OF_BUYER.LATELY]
  for i = 1, #list, 2 do
    if list[i] > now - rate[2] then units = units + list[i + 1] end
  end
  return units
end

local function take_lately(name, units)
  local rate = config.buyer_rate
  if name == '' or not rate then return end
  local buyer, kept = find_buyer(name), {}
  for i = 1, #buyer[OF_BUYER.LATELY], 2 do
    if buyer[OF_BUYER.LATELY][i] > now - rate[2] then kept[#kept + 1], kept[#kept + 2] = buyer[OF_BUYER.LATELY][i], buyer[OF_BUYER.LATELY][i + 1] end
  end
  if kept[#kept - 1] == now then
    kept[#kept] = kept[#kept] + units
  else
    kept[#kept + 1], kept[#kept + 2] = now, units
  end
  buyer[OF_BUYER.LATELY] = kept
  changed_buyers[name] = buyer
end

-- Counts units of an item for the buyer, where it has a limit. Gives 1 when it did, as a line remembers it.
local function count_bought(name, item, units)
  if name == '' or item.buyer_limit == 0 then return 0 end
  local buyer = find_buyer(name)
  add_units(buyer[OF_BUYER.UNITS], item.sku, units)
  changed_buyers[name] = buyer
  return 1
end

local function uncount_bought(name, sku, units)
  local buyer = find_buyer(name)
  add_units(buyer[OF_BUYER.UNITS], sku, -units)
  changed_buyers[name] = buyer
end

local function count_dropped(name, drop, limit, units)
  if name == '' or limit == 0 then return end
  local buyer = find_buyer(name)
  add_units(buyer[OF_BUYER.DROPS], drop, units)
  changed_buyers[name] = buyer
end

-- One more try of the buyer's. True when that is too many in the running window.
local function tries_too_often(name)
  local rate = config.attempt_rate
  if name == '' or not rate or string.find(flags, 's', 1, true) then return false end
  local window = digits[math.floor(now / rate[2])]
  if head.attempts ~= window then
    redis.call('DEL', key.attempts)
    set_head('attempts', window)
    new_attempts = {}
  end
  local tries = new_attempts[name] or tonumber(redis.call('HGET', key.attempts, name) or 0)
  if tries >= rate[1] then return true end
  new_attempts[name] = tries + 1
  return false
end

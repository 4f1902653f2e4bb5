-- What connects the room with platforms: whether it works, what a platform's skus are here, and what the gateway notes of both.

-- connector.pause, connector.resume
-- FIELDS  section and name (channel.douyin), the reason as JSON (pause)
ops['connector.pause'] = function(_, name, reason)
  put(shown, 'paused ' .. name, '{"reason":' .. reason .. ',"at":"' .. iso(now) .. '"}')
  return ''
end
ops['connector.resume'] = function(_, name)
  remove(shown, 'paused ' .. name)
  return ''
end

-- The platforms' skus with orders that were put aside, "CHANNEL \0 SKU", the first one first.
local UNMAPPED_AT_MOST = 200
local function unmapped_now()
  local text = shown_now('unmapped')
  return text and cjson.decode(text) or {}
end
local function keep_unmapped(names)
  if names[1] then put(shown, 'unmapped', cjson.encode(names)) else remove(shown, 'unmapped') end
end

local function unmapped_alert(name) return 'unmapped:' .. string.gsub(name, '%z', ':') end

-- Whether orders wait for want of it; they do no more.
local function settle(name)
  local names = unmapped_now()
  for i = 1, #names do
    if names[i] == name then
      table.remove(names, i)
      keep_unmapped(names)
      remove(shown, 'unmapped ' .. name)
      alerts.lower(unmapped_alert(name))
      return true
    end
  end
  return false
end

-- quarantine.map: what a platform's sku is here.
-- FIELDS  channel, platform's sku, sku, what it is as JSON
-- REFUSES unknown_channel, unknown_sku
ops['quarantine.map'] = function(_, channel, platform_sku, sku, mapped)
  local problem = channel_problem(channel)
  if problem then return problem end
  if not find_item(sku) then return 'unknown_sku' end
  local name = channel .. '\0' .. platform_sku
  put(shown, 'map ' .. name, mapped)
  settle(name)
  return ''
end

-- quarantine.drop: what was put aside needs nothing more. Of a platform's sku it is kept at which entry: the gateway lets go what was
-- put aside before, whenever it comes to it.
-- FIELDS  seq of the entry of a fact, or 0; channel, platform's sku
-- REFUSES unknown_entry, nothing_aside
ops['quarantine.drop'] = function(_, seq, channel, platform_sku)
  if seq == 0 then
    local name = channel .. '\0' .. platform_sku
    if not settle(name) then return 'nothing_aside' end
    put(shown, 'dropped ' .. name, numeral(head.seq + 1))
    return ''
  end
  local field = 'fact ' .. digits[seq]
  if not put_aside(field) then return 'unknown_entry' end
  remove(aside, field)
  alerts.lower('quarantined:' .. digits[seq])
  return ''
end

-- Notes, whose fields begin as those of ops/direction.lua.

-- order.unmapped: counted by the platform's sku; of more than there may be, the first are shown.
-- FIELDS  token, channel, order as JSON, {{platform's sku, units} …}
ops['order.unmapped'] = function(_, token, channel, order, lines)
  if comes_late(token) then return 'fenced' end
  local names = unmapped_now()
  for i = 1, #lines do
    local name, units = channel .. '\0' .. lines[i][1], lines[i][2]
    local orders, since = 0, iso(now)
    local before = shown_now('unmapped ' .. name)
    if before then
      local counted, sum, first = string.match(before, '^{"orders":(%d+),"quantity":(%d+),"since":"([^"]+)"')
      orders, units, since = tonumber(counted), units + tonumber(sum), first
    elseif #names < UNMAPPED_AT_MOST then
      names[#names + 1] = name
    end
    if before or names[#names] == name then
      put(shown, 'unmapped ' .. name, '{"orders":' .. numeral(orders + 1) .. ',"quantity":' .. numeral(units) .. ',"since":"' .. since
        .. '","order":' .. order .. '}')
      alerts.raise(unmapped_alert(name), 'warning', orders + 1, '"kind":"unmapped","sku":null,"params":{"channel":' .. quoted[channel]
        .. ',"platform_sku":' .. quoted[lines[i][1]] .. ',"quantity":' .. numeral(units) .. ',"order":' .. order .. '},"text":null')
    end
  end
  keep_unmapped(names)
  return ''
end

-- stock.pushed: what a channel may sell, by what its platform has; a number that could not be written leaves the one before.
-- FIELDS  token, channel, {{sku, units} …}, {{sku, reason as JSON} …}
ops['stock.pushed'] = function(_, token, channel, levels, failed)
  if comes_late(token) then return 'fenced' end
  local rest = ',"at":"' .. iso(now) .. '","seq":' .. numeral(head.seq + 1) .. '}'
  for i = 1, #levels do
    local name = channel .. '\0' .. levels[i][1]
    put(shown, 'pushed ' .. name, '{"quantity":' .. numeral(levels[i][2]) .. rest)
    remove(shown, 'unpushed ' .. name)
  end
  for i = 1, #failed do
    put(shown, 'unpushed ' .. channel .. '\0' .. failed[i][1], '{"reason":' .. failed[i][2] .. rest)
  end
  return ''
end

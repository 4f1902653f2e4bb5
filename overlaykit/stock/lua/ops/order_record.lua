-- order.record: a fact, the platform sold it. What exceeds the stock becomes a debt. A known order moves forward: unpaid →
-- paid, expired → taken again; lines that differ are applied as the difference.
-- FIELDS  order, channel or '', buyer or '', paid, lines {{sku, quantity, location or '', region or ''} …}
-- REFUSES unknown_channel, unknown_sku, unknown_location, wrong_state (the order was cancelled)

-- Where a fact may draw from: what a request may, and after those that serve its region all others. It was sold, so
-- somebody will have to send it.
local function fact_places(line)
  if line[3] ~= '' or line[4] == '' then return candidates(line[3], line[4]) end
  local places, known = {}, {}
  for _, place in ipairs(candidates('', line[4])) do
    places[#places + 1], known[place] = place, true
  end
  for _, place in ipairs(settings().locations) do
    if not known[place] then places[#places + 1] = place end
  end
  return places
end

-- Serves a line from one place if one has enough, else from several, else on debt. Gives the units on debt.
local function take_fact(order, line, units, paid)
  local item = find_item(line[1])
  local places = fact_places(line)
  for _, place in ipairs(places) do
    if available_at(item, place) >= units then
      take(item, line, place, units, paid)
      return 0
    end
  end
  for _, place in ipairs(places) do
    local some = math.min(units, available_at(item, place))
    if some > 0 then
      take(item, line, place, some, paid)
      units = units - some
    end
  end
  if units > 0 then add_debt(item, line, order, units, head.seq + 1) end
  return units
end

local function asked_by_sku(lines)
  local sums, skus = {}, {}
  for _, line in ipairs(lines) do
    if not sums[line[1]] then
      sums[line[1]] = 0
      skus[#skus + 1] = line[1]
    end
    sums[line[1]] = sums[line[1]] + line[2]
  end
  return sums, skus
end

-- Takes `units` off what the lines of a sku ask for, last line first.
local function ask_less(order, sku, units)
  for index = #order.lines, 1, -1 do
    local line = order.lines[index]
    if line[1] == sku then
      local some = math.min(units, line[2])
      line[2], units = line[2] - some, units - some
    end
  end
end

ops['order.record'] = function(name, channel, buyer, paid, asked)
  local problem = channel_problem(channel) or line_problem(asked)
  if problem then return problem end
  local order = find_order(name)
  local oversold = {}            -- flat: sku, units, sku, units …
  local function note(sku, units)
    if units == 0 then return end
    for i = 1, #oversold, 2 do
      if oversold[i] == sku then
        oversold[i + 1] = oversold[i + 1] + units
        return
      end
    end
    oversold[#oversold + 1], oversold[#oversold + 2] = sku, units
  end
  if not order then
    order = { name = name, state = paid and 'committed' or 'held', channel = channel, buyer = buyer, expires = 0, lines = {} }
    put_order(order)
    for i, line in ipairs(asked) do
      order.lines[i] = new_line(line)
      note(line[1], take_fact(order, order.lines[i], line[2], paid))
    end
    return '', { oversold = oversold }
  end
  if order.state == 'released' then return 'wrong_state' end
  local was_paid = order.state == 'committed'
  if order.state == 'expired' then
    for _, line in ipairs(order.lines) do
      if line[2] > 0 then note(line[1], take_fact(order, line, line[2], paid)) end
    end
  elseif paid and not was_paid then
    settle(order)
  end
  local pay = paid or was_paid
  order.state, order.expires = pay and 'committed' or 'held', 0
  put_order(order)
  gone_holds[name], new_holds[name] = true, nil
  local before = asked_by_sku(order.lines)
  local after, skus = asked_by_sku(asked)
  for _, sku in ipairs(skus) do
    local more = after[sku] - (before[sku] or 0)
    if more > 0 then
      local like
      for _, line in ipairs(asked) do
        if line[1] == sku then like = line end
      end
      local line = new_line({ sku, more, like[3], like[4] })
      order.lines[#order.lines + 1] = line
      note(sku, take_fact(order, line, more, pay))
    elseif more < 0 then
      ask_less(order, sku, -more)
      give_back(order, sku, -more)
    end
  end
  local had, known_skus = asked_by_sku(order.lines)
  for _, sku in ipairs(known_skus) do
    if not after[sku] and had[sku] > 0 then
      ask_less(order, sku, had[sku])
      give_back(order, sku, had[sku])
    end
  end
  return '', { oversold = oversold }
end

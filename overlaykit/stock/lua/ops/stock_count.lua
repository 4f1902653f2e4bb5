-- stock.count: an absolute reading of one item at one location, true at its as_of.
-- FIELDS  sku, location or '', quantity, basis (on_hand or available), open orders included, as_of in ms or 0 for now, expected or -1,
--         jump or -1
-- REFUSES unknown_sku, is_bundle, unknown_location, in_future, stale, changed
--
-- stock.confirm: a reading that waits is right, or is forgotten.
-- FIELDS  seq of the reading's entry, accept
-- REFUSES unknown_reading, stale
do
  -- What stood in a row until the step after `as_of` began: on_hand, available, held + committed.
  local function stood_at(item, place, as_of)
    local row = item.rows[place]
    if not row then return 0, 0, 0 end
    local wanted = math.floor(as_of / STEP_MS)
    if row[STEP] <= wanted then return row[ON_HAND], row[AVAILABLE], row[HELD] + row[COMMITTED] end
    local kept = history_of(item.sku, place)
    for i = 1, #kept, 4 do
      if kept[i] > wanted then return kept[i + 1], kept[i + 2], kept[i + 3] end
    end
    return row[STOOD], row[STOOD + 1], row[STOOD + 2]
  end

  -- A correction is no movement: what is remembered since the reading was wrong by it too.
  local function correct_history(item, place, row, as_of, on_hand, available)
    local wanted = math.floor(as_of / STEP_MS)
    if row[STEP] <= wanted then return end
    row[STOOD], row[STOOD + 1] = row[STOOD] + on_hand, row[STOOD + 1] + available
    local kept = history_of(item.sku, place)
    for i = 1, #kept, 4 do
      if kept[i] > wanted then kept[i + 1], kept[i + 2] = kept[i + 1] + on_hand, kept[i + 2] + available end
    end
  end

  -- What a reading says: {seq, quantity, basis, open orders included, as_of}. Gives the available units that are true now
  -- by it (negative when it is too low for what is spoken for) and the parts of its difference.
  local function read(item, place, reading)
    local row = item.rows[place] or { 0, 0, 0, 0, 0, 0 }
    local on_hand, available, open = stood_at(item, place, reading[5])
    local stands, expected, spoken = row[AVAILABLE], available, 0
    if reading[3] == 'on_hand' then
      local now_open = reading[4] and 0 or row[HELD] + row[COMMITTED]
      stands, expected = row[ON_HAND] - now_open, on_hand - (reading[4] and 0 or open)
      spoken = row[BUFFER] + row[DAMAGED] + (reading[4] and row[HELD] + row[COMMITTED] or 0)
    end
    local explained = stands - expected
    return reading[2] + explained - spoken, expected, explained, stands
  end

  -- The reading that waits at a place waits no more.
  local function forget(item, place)
    local seq = item.readings[place]
    if not seq then return end
    remove(aside, 'reading ' .. digits[seq])
    alerts.lower('reading:' .. digits[seq])
    item.readings[place] = nil
    keep_shown(item)
  end

  local function apply(item, place, reading)
    local target, expected, explained = read(item, place, reading)
    local row = touch(item, place)
    row[READ_AT] = reading[5]
    forget(item, place)
    if reading[2] ~= expected then
      outputs[#outputs + 1] = { 'stock.drifted', string.format('"sku":%s,"location":%s,"expected":%d,"observed":%d,'
        .. '"explained":%d,"unexplained":%d', quoted[item.sku], quoted[place], expected, reading[2], explained, reading[2] - expected) }
    end
    local missing = math.max(0, -target)
    local rise, fall = math.max(0, target) - row[AVAILABLE], 0
    for _, bucket in ipairs({ BUFFER, DAMAGED }) do
      local some = math.min(missing, row[bucket])
      row[bucket], missing, fall = row[bucket] - some, missing - some, fall + some
    end
    row[ON_HAND] = row[ON_HAND] + rise - fall
    correct_history(item, place, row, reading[5], rise - fall, rise)
    if rise > 0 then
      row[OPENING] = row[OPENING] + rise
      give(item, place, rise)
    else
      row[AVAILABLE] = row[AVAILABLE] + rise
    end
    return '', { excess = missing }
  end

  -- Whether a reading is too far from what stood there to be believed at once; a `jump` below 0 believes all but a zero.
  local function sudden(quantity, stood, jump)
    if quantity == 0 and stood > 0 then return true end
    return jump >= 0 and math.abs(quantity - stood) > jump * math.max(quantity, stood)
  end

  local function too_old(item, place, as_of)
    local row = item.rows[place]
    return as_of < now - HISTORY_MS or row and as_of < row[READ_AT]
  end

  ops['stock.count'] = function(command, sku, location, quantity, basis, with_open_orders, as_of)
    local expected, jump = command[FIELDS + 6], command[FIELDS + 7]
    local item, place = own_row(sku, location)
    if not item then return place end
    if as_of == 0 then as_of = now end
    if as_of > now + STEP_MS then return 'in_future' end
    if too_old(item, place, as_of) then return 'stale' end
    local reading = { head.seq + 1, quantity, basis, with_open_orders, as_of }
    local target, stood, _, stands = read(item, place, reading)
    if expected >= 0 and expected ~= stands then return 'changed' end
    if expected < 0 and (target < 0 or sudden(quantity, stood, jump)) then
      forget(item, place)
      item.readings[place] = reading[1]
      put(aside, 'reading ' .. digits[reading[1]], cmsgpack.pack({ sku, place, reading }))
      keep_shown(item)
      alerts.raise('reading:' .. digits[reading[1]], 'warning', 1, '"kind":"reading","sku":' .. quoted[sku] .. ',"params":{"seq":'
        .. numeral(reading[1]) .. ',"location":' .. quoted[place] .. ',"old":' .. numeral(stands) .. ',"new":' .. numeral(quantity)
        .. '},"text":null')
      return '', { unconfirmed = true }
    end
    return apply(item, place, reading)
  end

  ops['stock.confirm'] = function(_, seq, accept)
    local packed = put_aside('reading ' .. digits[seq])
    if not packed then return 'unknown_reading' end
    local waiting = cmsgpack.unpack(packed)
    local item, place, reading = find_item(waiting[1]), waiting[2], waiting[3]
    if not accept then
      forget(item, place)
      return ''
    end
    if too_old(item, place, reading[5]) then return 'stale' end
    return apply(item, place, reading)
  end
end

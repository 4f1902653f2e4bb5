-- stock.adjust: a signed change of one bucket.
-- FIELDS  sku, location or '', bucket, delta, due or ''
-- REFUSES unknown_sku, is_bundle, unknown_location, insufficient, too_many_units
--
-- stock.transfer: between buckets of a location, or between locations (location:NAME, available to available). What comes
-- out of incoming serves presold orders first.
-- FIELDS  sku, quantity, from, to, location or ''
-- REFUSES unknown_sku, is_bundle, unknown_location, insufficient
do
  local MOVABLE = { available = AVAILABLE, incoming = INCOMING, damaged = DAMAGED, buffer = BUFFER }

  -- Out of a bucket. What leaves available is no longer offered.
  local function take_out(row, column, units)
    row[column] = row[column] - units
    if column ~= INCOMING then row[ON_HAND] = row[ON_HAND] - units end
    if column == AVAILABLE then row[OPENING] = math.max(0, row[OPENING] - units) end
  end

  local function put_in(item, place, column, units)
    local row = touch(item, place)
    if column ~= INCOMING then row[ON_HAND] = row[ON_HAND] + units end
    if column ~= AVAILABLE then
      row[column] = row[column] + units
    else
      row[OPENING] = row[OPENING] + units
      give(item, place, units)
    end
  end

  ops['stock.adjust'] = function(_, sku, location, bucket, delta, due)
    local item, place = own_row(sku, location)
    if not item then return place end
    local column = MOVABLE[bucket]
    local row = item.rows[place]
    if (row and row[column] or 0) + delta < 0 then return 'insufficient' end
    if delta > 0 and math.max(all_units(item), row and row[OPENING] or 0) + delta > MOST_UNITS then return 'too_many_units' end
    row = touch(item, place)
    if due ~= '' then row[DUE] = due end
    if delta > 0 then
      put_in(item, place, column, delta)
    else
      row[column] = row[column] + delta
      if column ~= INCOMING then row[ON_HAND] = row[ON_HAND] + delta end
    end
    return ''
  end

  local function between_locations(item, quantity, from, to)
    if not known_location(from) or not known_location(to) then return 'unknown_location' end
    if available_at(item, from) < quantity then return 'insufficient' end
    take_out(touch(item, from), AVAILABLE, quantity)
    put_in(item, to, AVAILABLE, quantity)
    return ''
  end

  ops['stock.transfer'] = function(_, sku, quantity, from, to, location)
    local item = find_item(sku)
    if not item then return 'unknown_sku' end
    if item.bundle[1] then return 'is_bundle' end
    local from_place, to_place = string.match(from, '^location:(.*)$'), string.match(to, '^location:(.*)$')
    if from_place then return between_locations(item, quantity, from_place, to_place) end
    local place = one_location(location)
    if not place then return 'unknown_location' end
    local row, column = item.rows[place], MOVABLE[from]
    local there = row and row[column] or 0
    if row and from == 'incoming' and to == 'available' then there = there + row[PRESOLD_HELD] + row[PRESOLD_COMMITTED] end
    if there < quantity then return 'insufficient' end
    touch(item, place)
    if from == 'incoming' and to == 'available' then quantity = quantity - serve_presold(item, place, quantity) end
    if quantity > 0 then
      take_out(row, column, quantity)
      put_in(item, place, MOVABLE[to], quantity)
    end
    return ''
  end
end

-- Entries: from what an operation decided to its ledger line and its answer.

local finish_command, finish, clock_entry
do
  -- What the entry being decided changed of an item: its units over all locations, as an answer says them.
  local function units_text(item)
    local available, held, committed = totals(item)
    return quoted[item.sku] .. ':{"available":' .. digits[available] .. ',"held":' .. digits[held] .. ',"committed":'
      .. digits[committed] .. '}'
  end

  local function row_text(row)
    return digits[row[1]] .. ',' .. digits[row[2]] .. ',' .. digits[row[3]] .. ',' .. digits[row[4]] .. ','
      .. digits[row[5]] .. ',' .. digits[row[6]] .. ',' .. digits[row[7]] .. ',' .. digits[row[8]] .. ','
      .. digits[row[9]] .. ',' .. digits[row[10]] .. ',' .. digits[row[11]]
  end

  -- A row's part of a line that says nothing else, before and after its available and held units.
  local function texts_around(item, place, row)
    return ',"outcome":{"status":"accepted","stock":{' .. quoted[item.sku] .. ':{' .. quoted[place] .. ':[' .. numeral(row[1]) .. ',',
      string.format(',%d,%d,%d,%d,%d,%d,%d,%d]}}}}', unpack(row, COMMITTED, PRESOLD_COMMITTED))
  end

  -- The same as a ledger line says it: absolute rows by location.
  local function rows_text(item)
    local text, locations, rows = nil, config.locations, item.rows
    for i = 1, #locations do
      local place = locations[i]
      if rows[place] and rows[place][MARK] == entry then
        local row = quoted[place] .. ':[' .. row_text(rows[place]) .. ']'
        text = text and text .. ',' .. row or row
      end
    end
    return quoted[item.sku] .. ':{' .. text .. '}'
  end

  local function changed_debts()
    local text = ''
    for i = 1, #owed_changed do
      text = joined(text, quoted[owed_changed[i]] .. ':' .. digits[items[owed_changed[i]].owed])
    end
    return text
  end

  -- All quotas of the items where one changed.
  local function changed_quotas()
    local text = ''
    for i = 1, #quotas_changed do
      local item, channels, drops = items[quotas_changed[i]], '', ''
      for _, name in ipairs(config.channel_order) do
        local quota = item.channels[name]
        if quota then
          channels = joined(channels, quoted[name] .. ':[' .. (quota[ALLOTTED] < 0 and 'null' or digits[quota[ALLOTTED]]) .. ','
            .. digits[quota[USED]] .. ']')
        end
      end
      for _, name in ipairs(drops_in_order(item)) do
        local drop = item.drops[name]
        drops = joined(drops, quoted[name] .. ':[' .. digits[drop[ALLOTTED]] .. ',' .. digits[drop[USED]] .. ','
          .. digits[drop[SOLD]] .. ',"' .. drop[STATUS] .. '"]')
      end
      local both = channels == '' and '' or '"channels":{' .. channels .. '}'
      if drops ~= '' then both = joined(both, '"drops":{' .. drops .. '}') end
      text = joined(text, quoted[item.sku] .. ':{' .. both .. '}')
    end
    return text
  end

  local function changed_bundles()
    local text = ''
    for i = 1, #bundles_changed do
      local item = items[bundles_changed[i]]
      text = joined(text, quoted[item.sku] .. ':[' .. digits[item.bundles[1]] .. ',' .. digits[item.bundles[2]] .. ']')
    end
    return text
  end

  -- Members that both the line and the answer say.
  local function said_of(extra)
    local text = ''
    if extra.excess and extra.excess > 0 then text = ',"excess":' .. digits[extra.excess] end
    if extra.quarantined then text = text .. ',"quarantined":"' .. extra.quarantined .. '"' end
    if extra.early then text = text .. ',"early":true' end
    if extra.unconfirmed then text = text .. ',"unconfirmed":true' end
    return text
  end

  local function outcome_head(reason)
    return reason == '' and '"status":"accepted"' or '"status":"refused","reason":"' .. reason .. '"'
  end

  -- The answer to a command. An operation may give: excess, quarantined, early, unconfirmed, oversold (flat: sku, units …),
  -- ends_at, and `hold`, members of a personal hold.
  local function answer_text(id_json, seq, reason, units, extra)
    local text = '{"id":' .. id_json .. ',' .. outcome_head(reason) .. ',"seq":' .. digits[seq]
      .. (units == '' and '' or ',"items":{' .. units .. '}')
    if extra then
      local oversold = extra.oversold
      if oversold and oversold[1] then
        local sold = ''
        for i = 1, #oversold, 2 do sold = joined(sold, quoted[oversold[i]] .. ':' .. digits[oversold[i + 1]]) end
        text = text .. ',"oversold":{' .. sold .. '}'
      end
      text = text .. said_of(extra)
      if extra.ends_at then text = text .. ',"ends_at":"' .. extra.ends_at .. '"' end
      if extra.hold then text = text .. ',' .. extra.hold end
    end
    return text .. '}'
  end

  local at, at_ms                  -- the time, as lines say it
  local function append(members, outcome, cause)
    local seq = head.seq + 1
    head.seq = seq
    first_seq = first_seq or seq
    if at_ms ~= now then at, at_ms = ',"at":"' .. iso(now) .. '",', now end
    lines[#lines + 1] = '{"seq":' .. digits[seq] .. at .. members .. ',"outcome":{' .. outcome
      .. (cause and '},"cause":' .. digits[cause] .. '}' or '}}')
  end

  -- Closes the entry being decided: writes its line, then the outputs that follow from it. Gives the units of the items it
  -- changed, as an answer says them. `extra.said` are members of the line's outcome alone.
  finish = function(members, reason, extra)
    local units, outcome = '', outcome_head(reason)
    if touched_count > 0 then
      local rows = rows_text(touched[1])
      units = units_text(touched[1])
      for i = 2, touched_count do units, rows = units .. ',' .. units_text(touched[i]), rows .. ',' .. rows_text(touched[i]) end
      outcome = outcome .. ',"stock":{' .. rows .. '}'
      entry, touched_count, rows_changed = entry + 1, 0, 0
    end
    if owed_changed[1] then
      outcome = outcome .. ',"owed":{' .. changed_debts() .. '}'
      for i = 1, #owed_changed do alerts.owe(items[owed_changed[i]]) end
      owed_changed = {}
    end
    if quotas_changed[1] then outcome = outcome .. ',"quotas":{' .. changed_quotas() .. '}'; quotas_changed = {} end
    if bundles_changed[1] then outcome = outcome .. ',"bundles":{' .. changed_bundles() .. '}'; bundles_changed = {} end
    if extra then
      outcome = outcome .. said_of(extra)
      if extra.said then outcome = outcome .. ',' .. extra.said end
    end
    append(members, outcome)
    local cause, all = head.seq, outputs
    if all[1] then
      outputs = {}
      for i = 1, #all do
        local kind = all[i][1]
        append('"type":"' .. kind .. '","id":"' .. string.match(kind, '%a+$') .. '-' .. digits[head.seq + 1]
          .. '","source":"clock","data":{' .. all[i][2] .. '}', '"status":"accepted"', cause)
      end
    end
    return units
  end

  -- The entry of a command and, after its fingerprint, its answer. Most orders change one row and nothing else: their texts are
  -- put together in one go, since each text on the way costs as much as many steps of this script.
  finish_command = function(members, fingerprint, id_json, reason, extra)
    if rows_changed ~= 1 or extra or reason ~= '' or owed_changed[1] or quotas_changed[1] or bundles_changed[1] or outputs[1] then
      local seq = head.seq + 1
      local units = finish(members, reason, extra)
      return fingerprint .. answer_text(id_json, seq, reason, units, extra)
    end
    local seq, item = head.seq + 1, touched[1]
    local row, rows = item.rows[last_place], item.rows
    head.seq, entry, touched_count, rows_changed = seq, entry + 1, 0, 0
    first_seq = first_seq or seq
    if at_ms ~= now then at, at_ms = ',"at":"' .. iso(now) .. '",', now end
    if not row[BEFORE] then row[BEFORE], row[AFTER] = texts_around(item, last_place, row) end
    local number, available, held = numeral(seq), numeral(row[AVAILABLE]), numeral(row[HELD])
    lines[#lines + 1] = '{"seq":' .. number .. at .. members .. row[BEFORE] .. available .. ',' .. held .. row[AFTER]
    local committed = row[COMMITTED]
    if config.locations[2] and next(rows, next(rows)) then      -- other rows of the item count too
      available, held, committed = totals(item)
      available, held = numeral(available), numeral(held)
    end
    return fingerprint .. '{"id":' .. id_json .. ',"status":"accepted","seq":' .. number .. ',"items":{' .. quoted[item.sku]
      .. ':{"available":' .. available .. ',"held":' .. held .. ',"committed":' .. digits[committed] .. '}}}'
  end

  -- An entry of the clock's.
  clock_entry = function(kind, data, extra)
    finish('"type":"' .. kind .. '","id":"clock-' .. digits[head.seq + 1] .. '","source":"clock","data":{' .. data .. '}', '', extra)
  end
end

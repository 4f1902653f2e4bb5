-- A store that came back with less than it had acknowledged: the gate shuts, a director fills in what its recording has
-- (flags s and g: entry by entry, only at the very seq that it names), and a new epoch opens the gate.
--
-- Head: gate (1 while shut), gate_at (the seq at which it shut last), epochs ("EPOCH SEQ …": for each earlier epoch, up to
-- where its history is still this one), claimed ("EPOCH SEQ STOOD": the highest seq that a caller said it knew when the store had less, and where the store stood
-- when that was said first).

-- gate.shut: from now on every call is answered `behind`.
-- FIELDS  none
ops['gate.shut'] = function()
  if not head.gate then set_head('gate_at', string.format('%d', head.seq)) end
  head.gate = true
  head_changed.gate = 1
end

-- session.resumed: the gate opens under a new epoch. Up to `intact` the history is what was acknowledged.
-- FIELDS  epoch, intact, JSON members of the entry's data
-- REFUSES wrong_state (the gate is not shut)
ops['session.resumed'] = function(_, epoch, intact, data)
  if not given() and not head.gate then return 'wrong_state' end
  local known = {}
  for name, seq in string.gmatch(redis.call('HGET', key.head, 'epochs') or '', '(%S+) (%d+)') do
    known[#known + 1] = string.format('%s %d', name, math.min(tonumber(seq), intact))
  end
  if head.epoch ~= epoch then known[#known + 1] = string.format('%s %d', head.epoch, intact) end
  set_head('epochs', table.concat(known, ' ', math.max(1, #known - 15)))
  set_head('epoch', epoch)
  -- One that is given back lies in the middle of a gap: the gate is the director's, who opens it when all is back.
  if not (given() and string.find(flags, 'g', 1, true)) then
    head.gate = false
    head_changed.gate = 0
  end
  local from, to = string.match(data, '"lost":{"from":(%d+),"to":(%d+)}')
  alerts.raise('store', from and 'urgent' or 'warning', nil, '"kind":"store","sku":null,"params":{'
    .. (from and '"from":' .. from .. ',"to":' .. to or '') .. '},"text":null')
  clock_entry('session.resumed', data)
end

-- The full state of a ledger at one seq, in one look.
-- KEYS    the same as of the commands (prelude.lua)
-- ARGV    none
-- Returns {} when there is no such ledger, else {seq, epoch, status, frozen, suspended (1 or 0), plan of entry 1,
--         [sku, packed …], [shown field, JSON …]}
local head = redis.call('HMGET', KEYS[1], 'seq', 'epoch', 'status', 'frozen', 'suspended')
if not head[1] then return {} end
return { head[1], head[2], head[3], head[4], head[5] == '1' and 1 or 0, redis.call('GET', KEYS[13]),
         redis.call('HGETALL', KEYS[3]), redis.call('HGETALL', KEYS[11]) }

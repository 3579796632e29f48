/**
 * Demand is three keys: when each holder was seen last (sorted set), `<holder> <address>` for all that each of them wants
 * (sorted set, all of one score, so that it is sorted by text), and how many want each address (hash). Times are Redis'
 * own. Everything ends with the last holder: the keys expire when nobody declares anything any more.
 */
const DEMAND_LUA = `
local seen, pairs_key, counts = KEYS[1], KEYS[2], KEYS[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local changed = 0
local function remove(holder, address)
  if redis.call('ZREM', pairs_key, holder .. ' ' .. address) == 0 then return end
  if redis.call('HINCRBY', counts, address, -1) > 0 then return end
  redis.call('HDEL', counts, address)
  changed = 1
end
local function wants_of(holder)
  local members = redis.call('ZRANGEBYLEX', pairs_key, '[' .. holder .. ' ', '(' .. holder .. '!')
  local addresses = {}
  for index, member in ipairs(members) do addresses[index] = string.sub(member, #holder + 2) end
  return addresses
end
local function drop(holder)
  for _, address in ipairs(wants_of(holder)) do remove(holder, address) end
  redis.call('ZREM', seen, holder)
end
local function drop_gone(ttl_ms)
  for _, holder in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', '(' .. string.format('%.0f', now - ttl_ms))) do
    drop(holder)
  end
end
`;

/**
 * ARGV: holder, time to live in milliseconds, limit, 1 to replace everything, number of addresses to leave, those, the
 * addresses to want. Returns whether the demand changed, and what was refused.
 */
export const DEMAND_CHANGE_SCRIPT = `${DEMAND_LUA}
local holder, ttl_ms, limit, leaving = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[5])
drop_gone(ttl_ms)
redis.call('ZADD', seen, string.format('%.0f', now), holder)
for index = 6, 5 + leaving do remove(holder, ARGV[index]) end
if ARGV[4] == '1' then
  local declared = {}
  for index = 6 + leaving, #ARGV do declared[ARGV[index]] = true end
  for _, address in ipairs(wants_of(holder)) do
    if not declared[address] then remove(holder, address) end
  end
end
local total = redis.call('HLEN', counts)
local reply = {0}
for index = 6 + leaving, #ARGV do
  local address = ARGV[index]
  local known = redis.call('HEXISTS', counts, address)
  if known == 0 and total >= limit then
    reply[#reply + 1] = address
  elseif redis.call('ZADD', pairs_key, 0, holder .. ' ' .. address) == 1 then
    redis.call('HINCRBY', counts, address, 1)
    if known == 0 then
      total = total + 1
      changed = 1
    end
  end
end
for index = 1, 3 do redis.call('PEXPIRE', KEYS[index], ttl_ms * 10) end
reply[1] = changed
return reply
`;

/** Ends what a holder wants. Returns whether the demand changed. */
export const DEMAND_WITHDRAW_SCRIPT = `${DEMAND_LUA}
drop(ARGV[1])
return changed
`;

/** Returns everything that is wanted by those who were seen lately. */
export const DEMAND_WANTED_SCRIPT = `${DEMAND_LUA}
drop_gone(tonumber(ARGV[1]))
return redis.call('HKEYS', counts)
`;

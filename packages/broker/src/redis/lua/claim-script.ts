/**
 * Claims of one key are a hash, `<holder>` to the number that it has. Those of holders that are not alive any more do not
 * count; the hash runs out an hour after the last claim, so that holders have to repeat theirs.
 *
 * Arguments: holder, what it has already, what it wants in all, limit, time since when the others must have proven that
 * they live (0 for now), life of a holder in ms. Returns what it has now, the time, and 1 if all others have proven it;
 * or nil when the holder is not known.
 */
export const CLAIM_SCRIPT = `
local HOLDERS, CLAIMS = KEYS[1], KEYS[2]
local holder, held, wanted, limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local since, ttl_ms = tonumber(ARGV[5]), tonumber(ARGV[6])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local own = redis.call('HGET', HOLDERS, holder)
if not own or own == '0' then return false end
if since == 0 then since = now end
local others, certain = 0, 1
local entries = redis.call('HGETALL', CLAIMS)
for index = 1, #entries, 2 do
  local name, count = entries[index], tonumber(entries[index + 1]) or 0
  if name ~= holder then
    local deadline = tonumber(redis.call('HGET', HOLDERS, name) or '0') or 0
    if deadline > now then
      others = others + count
      if deadline - ttl_ms <= since then certain = 0 end
    elseif deadline == 0 then
      redis.call('HDEL', CLAIMS, name)
    end
  end
end
local granted = math.max(held, math.min(wanted, limit - others))
if granted > 0 then
  redis.call('HSET', CLAIMS, holder, string.format('%.0f', granted))
  redis.call('PEXPIRE', CLAIMS, 3600000)
else
  redis.call('HDEL', CLAIMS, holder)
end
return {granted, now, certain}
`;

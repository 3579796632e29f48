/**
 * Presence is four keys on one node, which every script is given in this order:
 * - holders: a hash, `<holder>` to the time until which it is alive, or 0 while its users are being let go; and `#`, a
 *   counter that tells sessions of one millisecond apart. A holder's name is never `#`.
 * - users: a hash, `<user>` to `<session> <number of holders>`.
 * - pending: a sorted set of `<milliseconds> <activity> <session> <user>`, by milliseconds: events nobody confirmed yet.
 * - held: the set of the users of one holder.
 * They run out an hour after the last gateway was there, so that one that comes back in time can still tell who left.
 */
const PRESENCE_LUA = `
local HOLDERS, USERS, PENDING, HELD = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local events = {}
local function tell(activity, session, user)
  local event = string.format('%.0f', now) .. ' ' .. activity .. ' ' .. session .. ' ' .. user
  redis.call('ZADD', PENDING, now, event)
  events[#events + 1] = event
end
local function read(user)
  local value = redis.call('HGET', USERS, user)
  if not value then return nil, 0 end
  local session, count = string.match(value, '^(%S+) (%d+)$')
  return session, tonumber(count) or 0
end
local function enter(user)
  local session, count = read(user)
  if not session then
    session = string.format('%.0f-%.0f', now, redis.call('HINCRBY', HOLDERS, '#', 1))
    tell('connected', session, user)
  end
  redis.call('HSET', USERS, user, session .. ' ' .. string.format('%.0f', count + 1))
end
local function exit(user)
  local session, count = read(user)
  if not session then
    redis.call('HDEL', USERS, user)
  elseif count > 1 then
    redis.call('HSET', USERS, user, session .. ' ' .. string.format('%.0f', count - 1))
  else
    redis.call('HDEL', USERS, user)
    tell('disconnected', session, user)
  end
end
local function alive(holder)
  local deadline = redis.call('HGET', HOLDERS, holder)
  return deadline and deadline ~= '0'
end
local function live_until(holder, ms)
  redis.call('HSET', HOLDERS, holder, string.format('%.0f', now + ms))
end
local function expire()
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, 3600000) end
end
`;

/** Keeps a holder alive, or makes it known. Returns 1, or 0 when it is not known. */
export const PRESENCE_KEEP_SCRIPT = `${PRESENCE_LUA}
local holder, ttl_ms, join = ARGV[1], tonumber(ARGV[2]), ARGV[3] == '1'
if not join and not alive(holder) then return 0 end
live_until(holder, ttl_ms)
expire()
return 1
`;

/** Arguments: the holder, then pairs of a sign and a user. Returns events, or nil when the holder is not known. */
export const PRESENCE_CHANGE_SCRIPT = `${PRESENCE_LUA}
local holder = ARGV[1]
if not alive(holder) then return false end
for index = 2, #ARGV, 2 do
  local user = ARGV[index + 1]
  if ARGV[index] == '+' then
    if redis.call('SADD', HELD, user) == 1 then enter(user) end
  elseif redis.call('SREM', HELD, user) == 1 then
    exit(user)
  end
end
expire()
return events
`;

/** Gives a holder a last time to live. Returns how many others are alive. */
export const PRESENCE_LEAVE_SCRIPT = `${PRESENCE_LUA}
local holder, grace_ms = ARGV[1], tonumber(ARGV[2])
if alive(holder) then live_until(holder, grace_ms) end
local entries = redis.call('HGETALL', HOLDERS)
local others = 0
for index = 1, #entries, 2 do
  local name, deadline = entries[index], tonumber(entries[index + 1])
  if name ~= '#' and name ~= holder and (deadline or 0) > now then others = others + 1 end
end
return others
`;

/** Returns the holders that are not alive, and events that are overdue. */
export const PRESENCE_GONE_SCRIPT = `${PRESENCE_LUA}
local overdue_after_ms, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
local entries = redis.call('HGETALL', HOLDERS)
local gone = {}
for index = 1, #entries, 2 do
  if entries[index] ~= '#' and (tonumber(entries[index + 1]) or 0) <= now then gone[#gone + 1] = entries[index] end
end
return {gone, redis.call('ZRANGEBYSCORE', PENDING, '-inf', string.format('%.0f', now - overdue_after_ms), 'LIMIT', 0, limit)}
`;

/** Lets some users of a holder go that is not alive. Returns how many are left, and events. */
export const PRESENCE_DROP_SCRIPT = `${PRESENCE_LUA}
local holder, limit = ARGV[1], tonumber(ARGV[2])
local deadline = redis.call('HGET', HOLDERS, holder)
if not deadline or (tonumber(deadline) or 0) > now then return {0, events} end
redis.call('HSET', HOLDERS, holder, '0')
for _, user in ipairs(redis.call('SPOP', HELD, limit)) do exit(user) end
local left = redis.call('SCARD', HELD)
if left == 0 then redis.call('HDEL', HOLDERS, holder) end
return {left, events}
`;

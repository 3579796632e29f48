/**
 * The registry is one hash: field `<service>:<server id>`, value `<milliseconds> <started at> <instance> <record>`. Times
 * are Redis' own, so that the clocks of servers do not matter. A process that is superseded stands in a field of its own,
 * `<service>:<server id> <instance>`, for as long as it is.
 */
const REGISTRY_LUA = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function read(value)
  local at, started_at, instance, record = string.match(value, '^(%d+) (%d+) (%S+) (.*)$')
  return tonumber(at), tonumber(started_at), instance, record
end
`;

/** Lists a server, unless a process that started later lives under the same name. Returns 1, or 0 for superseded. */
export const HEARTBEAT_SCRIPT = `${REGISTRY_LUA}
local field, started_at, instance, record, gone_after_ms = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local value = redis.call('HGET', KEYS[1], field)
local own = field .. ' ' .. instance
local entry = string.format('%.0f', now) .. ' ' .. started_at .. ' ' .. instance .. ' ' .. record
if value then
  local at, other_started_at, other = read(value)
  if at and other ~= instance and other_started_at > tonumber(started_at) and math.abs(now - at) <= gone_after_ms then
    redis.call('HSET', KEYS[1], own, entry)
    return 0
  end
end
redis.call('HSET', KEYS[1], field, entry)
redis.call('HDEL', KEYS[1], own)
return 1
`;

/** Removes a server, if it is still this instance that is listed. */
export const LEAVE_SCRIPT = `${REGISTRY_LUA}
redis.call('HDEL', KEYS[1], ARGV[1] .. ' ' .. ARGV[2])
local value = redis.call('HGET', KEYS[1], ARGV[1])
if not value then return 0 end
local _, _, instance = read(value)
if instance ~= ARGV[2] then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[1])
`;

/** Removes servers that are gone and returns of each of the others its age, when it was heard of, how many it supersedes, and its record. */
export const SERVERS_SCRIPT = `${REGISTRY_LUA}
local gone_after_ms = tonumber(ARGV[1])
local entries = redis.call('HGETALL', KEYS[1])
local reply, superseded = {}, {}
for index = 1, #entries, 2 do
  local at, _, _, record = read(entries[index + 1])
  if not at or math.abs(now - at) > gone_after_ms then
    redis.call('HDEL', KEYS[1], entries[index])
  else
    local listed = string.match(entries[index], '^(.*) %S+$')
    if listed then
      superseded[listed] = (superseded[listed] or 0) + 1
    else
      reply[#reply + 1] = {now - at, at, entries[index], record}
    end
  end
end
for _, server in ipairs(reply) do server[3] = superseded[server[3]] or 0 end
return reply
`;

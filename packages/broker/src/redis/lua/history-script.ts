import { TOPIC_LUA } from "./topic-lua.ts";

/** Messages that are read at a time. */
const CHUNK = 16;

/**
 * Reads a part of a topic's past and its position, of one instant; the rules are those of `historyRange`.
 * Empty arguments stand for those that were not given.
 *
 * A topic that nobody published to, or asked for the position of, is not made by reading it: it stands at offset -1 then, and
 * the epoch is the one that was offered.
 *
 * Returns epoch, offset, chain, `epoch_changed` or `trimmed` or nothing, offset of the first frame, offset of the last one,
 * which key was damaged or nothing, frames. A stream that lacks one of its messages is damaged, and a new epoch begins.
 */
export const HISTORY_SCRIPT = `${TOPIC_LUA}
local meta_key, stream_key = KEYS[1], KEYS[2]
local max_age_ms = tonumber(ARGV[10])
local since_epoch, since_offset, last, limit = ARGV[11], tonumber(ARGV[12]), tonumber(ARGV[13]), tonumber(ARGV[14])
local until_offset, max_bytes = tonumber(ARGV[15]), tonumber(ARGV[16])

if ARGV[2] == '' and redis.call('PTTL', meta_key) == -2 then
  local is_start = not since_offset or (since_epoch == ARGV[1] and since_offset == 0)
  return { ARGV[1], -1, '', is_start and '' or 'epoch_changed', 1, 0, '' }
end
local epoch, top, chain, fence, _, damage = open_topic(
  meta_key, stream_key, ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local oldest = trim(stream_key, top, now, max_age_ms)
local from = oldest
if since_offset then
  if since_epoch ~= epoch or since_offset > top then return { epoch, top, chain, 'epoch_changed', 1, 0, damage or '' } end
  if since_offset + 1 < oldest then return { epoch, top, chain, 'trimmed', 1, 0, damage or '' } end
  from = since_offset + 1
end
local upper = math.min(top, until_offset or top)
if last then from = math.max(from, upper - last + 1) end
local to = upper
if limit then to = math.min(upper, from + limit - 1) end

-- Few at a time, so that not much more is read than fits.
local frames, bytes, full, broken = {}, 0, false, false
local function take(low, high, first, last, step)
  local entries = redis.call('XRANGE', stream_key, low .. '-0', high .. '-0')
  for index = first or #entries, last or #entries, step do
    local entry = entries[index]
    local frame = entry[2][4]
    broken = broken or not frame or entry[1] ~= (low + index - 1) .. '-0'
    if broken then break end
    bytes = bytes + #frame
    full = max_bytes and #frames > 0 and bytes > max_bytes
    if full then return end
    frames[#frames + 1] = frame
  end
  broken = broken or #entries ~= high - low + 1
  full = full or broken
end
local reply
if last then
  local at = to
  while at >= from and not full do
    local low = math.max(from, at - ${CHUNK - 1})
    take(low, at, nil, 1, -1)
    at = low - 1
  end
  if #frames > 0 then from = to - #frames + 1 end
  reply = { epoch, top, chain, '', from, to, damage or '' }
  for index = #frames, 1, -1 do reply[#reply + 1] = frames[index] end
else
  local at = from
  while at <= to and not full do
    local high = math.min(to, at + ${CHUNK - 1})
    take(at, high, 1, nil, 1)
    at = high + 1
  end
  if full then to = from + #frames - 1 end
  reply = { epoch, top, chain, '', from, to, damage or '' }
  for index = 1, #frames do reply[#reply + 1] = frames[index] end
end
if broken then
  begin_epoch(meta_key, stream_key, ARGV[1], ARGV[6], fence)
  return { ARGV[1], 0, '', since_offset and 'epoch_changed' or '', 1, 0, 'stream' }
end
return reply
`;

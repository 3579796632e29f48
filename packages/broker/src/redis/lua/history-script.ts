import { TOPIC_LUA } from "./topic-lua.ts";

/**
 * Reads a part of a topic's past and its position, of one instant; the rules are those of `historyRange`.
 * Empty arguments stand for those that were not given.
 *
 * Returns epoch, offset, chain, `epoch_changed` or `trimmed` or nothing, offset of the first frame, offset of the last one,
 * frames.
 */
export const HISTORY_SCRIPT = `${TOPIC_LUA}
local meta_key, stream_key = KEYS[1], KEYS[2]
local max_age_ms = tonumber(ARGV[10])
local since_epoch, since_offset, last, limit = ARGV[11], tonumber(ARGV[12]), tonumber(ARGV[13]), tonumber(ARGV[14])

local epoch, top, chain = open_topic(
  meta_key, stream_key, ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9])
local oldest = trim(stream_key, top, now_ms(), max_age_ms)
local from = oldest
if since_offset then
  if since_epoch ~= epoch or since_offset > top then return { epoch, top, chain, 'epoch_changed', 1, 0 } end
  if since_offset + 1 < oldest then return { epoch, top, chain, 'trimmed', 1, 0 } end
  from = since_offset + 1
end
if last then from = math.max(from, top - last + 1) end
local to = top
if limit then to = math.min(top, from + limit - 1) end
local reply = { epoch, top, chain, '', from, to }
if from <= to then
  for _, entry in ipairs(redis.call('XRANGE', stream_key, from .. '-0', to .. '-0')) do
    reply[#reply + 1] = entry[2][4]
  end
end
return reply
`;

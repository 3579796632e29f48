import { TOPIC_LUA } from "./topic-lua.ts";

/**
 * Publishes messages to topics, or finds where they were published before. On a cluster all of a call are of one topic.
 *
 * Old messages are removed once a second at most, and the keys' lives extended with it: reading removes what is too old
 * by itself, so that this only keeps memory small.
 *
 * An id counts for as long as the topic is in the epoch in which it was published: a new epoch begins where Redis has lost
 * something, and what was not acknowledged before belongs into it. So one begins as well when the key of an id is damaged:
 * nobody knows any more whether that message was published.
 *
 * The highest fence that a topic has seen stands in its meta hash, and in a key of its own in case that hash is lost.
 *
 * Keys are two of each topic - meta and stream - then one for each message's id, then those of ids that must be there before,
 * and, when there is a fence, one of each topic for it.
 * Arguments are the epoch of topics that need a new one, the life of an empty topic in ms, the fence or nothing, the plan as
 * JSON, and the heads and tails of frames, each once. The plan has a list of topics - channel, number of the key of the id
 * before or 0, epoch, offset and chain that are known, epochs that ended, most messages, their greatest age in ms, and the
 * life of the topic in ms - and one of messages, three numbers each: its topic, and which texts are its head and its tail.
 *
 * Returns as JSON a list of topics - epoch, the offset and chain of the newest message, and which key was damaged if one was; the epoch is empty when a higher
 * fence was seen there, false when the id before is not there, and nothing was published to it then - and one of messages:
 * the offset, as a number when it was published and as text `<offset>:<epoch>` when it had been before. What is sent to
 * subscribers is `<epoch>:<offset>:<chain before>:<chain>`, a line feed, and the frame.
 * @param publishCommand `SPUBLISH` on a cluster, where plain `PUBLISH` would go to every node.
 */
export const publishScript = (publishCommand: "PUBLISH" | "SPUBLISH"): string => `${TOPIC_LUA}
local new_epoch, empty_ttl_ms, fence = ARGV[1], ARGV[2], ARGV[3]
local plan = cjson.decode(ARGV[4])
local topics, messages, positions = {}, plan[2], {}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function is_fenced(topic)
  -- As far as it is a number.
  local function highest_of(text)
    return type(text) == 'string' and #text <= 16 and string.find(text, '^%d+$') and tonumber(text)
  end
  local highest = highest_of(topic.highest_fence) or highest_of(redis.pcall('GET', topic.fence_key))
  if highest and highest > tonumber(fence) then return true end
  redis.call('HSET', topic.meta_key, 'f', fence)
  redis.call('SET', topic.fence_key, fence, 'PX', topic.meta_ttl_ms)
  topic.highest_fence = fence
  return false
end

-- Publishes a message, unless it was before. Returns what Redis says where it refuses.
local function place(index)
  local topic = topics[messages[3 * index - 2]]
  if topic.fenced or topic.unconnected then
    positions[index] = 0
    return
  end
  local id_key = KEYS[2 * #topics + index]
  local damage = nil
  local position = redis.pcall('GET', id_key)
  if position then
    local offset, epoch
    if type(position) == 'string' then offset, epoch = string.match(position, '^(%d+):([%w_-]+)$') end
    if epoch == topic.epoch and tonumber(offset) <= topic.top then
      positions[index] = position
      topic.has_repeated = true
      return
    end
    -- No position that the topic may have given: nobody knows any more whether the message was published.
    if not epoch or epoch == topic.epoch then
      damage = 'id'
      redis.call('DEL', id_key)
    end
  end
  if not damage then
    local offset = redis.call('HINCRBY', topic.meta_key, 'o', 1)
    local frame = ARGV[4 + messages[3 * index - 1]] .. offset .. ARGV[4 + messages[3 * index]]
    local before = topic.chain
    local chain = string.sub(redis.sha1hex(before .. ' ' .. id_key), 1, 12)
    local added = redis.pcall(
      'XADD', topic.stream_key, 'MAXLEN', topic.max_messages, offset .. '-0', 't', now, 'f', frame, 'c', chain)
    if type(added) ~= 'table' then
      redis.call('SET', id_key, offset .. ':' .. topic.epoch, 'PX', topic.max_age_ms)
      redis.call('${publishCommand}', topic.channel,
        topic.epoch .. ':' .. offset .. ':' .. before .. ':' .. chain .. '\\n' .. frame)
      topic.top, topic.chain, topic.has_grown = offset, chain, true
      positions[index] = offset
      return
    end
    -- A stream is of another type, or was once ahead of its topic.
    if not string.find(added.err, 'WRONGTYPE', 1, true) and not string.find(added.err, 'equal or smaller', 1, true)
      or topic.epoch == new_epoch then return added end
    damage = 'stream'
  end
  topic.damage = damage
  if topic.epoch == new_epoch then return place(index) end
  -- What the call has published or found belongs into the new epoch as well: it is not acknowledged yet.
  begin_epoch(topic.meta_key, topic.stream_key, new_epoch, empty_ttl_ms, topic.highest_fence)
  topic.epoch, topic.top, topic.chain, topic.trimmed_at = new_epoch, 0, '', 0
  for earlier = 1, index do
    local refused = topics[messages[3 * earlier - 2]] == topic and place(earlier)
    if refused then return refused end
  end
end

for index, planned in ipairs(plan[1]) do
  local channel, id_before, known_epoch, known_offset, known_chain, ended, max_messages, max_age_ms, meta_ttl_ms =
    unpack(planned)
  local topic = {
    meta_key = KEYS[2 * index - 1], stream_key = KEYS[2 * index], channel = channel,
    max_messages = max_messages, max_age_ms = max_age_ms, meta_ttl_ms = meta_ttl_ms
  }
  topic.epoch, topic.top, topic.chain, topic.highest_fence, topic.trimmed_at, topic.damage = open_topic(
    topic.meta_key, topic.stream_key, new_epoch, known_epoch, known_offset, known_chain, ended, empty_ttl_ms)
  if fence ~= '' then
    topic.fence_key = KEYS[#KEYS - #plan[1] + index]
    topic.fenced = topic.highest_fence ~= fence and is_fenced(topic)
  end
  if id_before ~= 0 then
    local position = redis.pcall('GET', KEYS[id_before])
    topic.unconnected = type(position) ~= 'string' or string.match(position, ':(.*)') ~= topic.epoch
  end
  topics[index] = topic
end
for index = 1, #messages / 3 do
  local refused = place(index)
  if refused then return refused end
end
local standings = {}
for index, topic in ipairs(topics) do
  standings[index] = { topic.fenced and '' or not topic.unconnected and topic.epoch, topic.top, topic.chain, topic.damage }
  -- Also when nothing is new: a replica is asked for the last write of a connection, and must have what was published before.
  if topic.has_grown or topic.has_repeated then redis.call('HSET', topic.meta_key, 'c', topic.chain) end
  if topic.has_grown and not (math.abs(now - topic.trimmed_at) < 1000) then
    trim(topic.stream_key, topic.top, now, topic.max_age_ms)
    redis.call('HSET', topic.meta_key, 't', now)
    redis.call('PEXPIRE', topic.stream_key, topic.max_age_ms + 5000)
    redis.call('PEXPIRE', topic.meta_key, topic.meta_ttl_ms)
    if topic.fence_key then redis.call('PEXPIRE', topic.fence_key, topic.meta_ttl_ms) end
  end
end
return cjson.encode({ standings, positions })
`;

import { TOPIC_LUA } from "./topic-lua.ts";

/**
 * Publishes messages to topics, or finds where they were published before. On a cluster all of a call are of one topic.
 *
 * Old messages are removed once a second at most, and the keys' lives extended with it: reading removes what is too old
 * by itself, so that this only keeps memory small.
 *
 * An id counts for as long as the topic is in the epoch in which it was published: a new epoch begins where Redis has lost
 * something, and what was not acknowledged before belongs into it.
 *
 * Keys are two of each topic - meta and stream - then one for each message's id, then those of ids that must be there before.
 * Arguments are the epoch of topics that need a new one, the life of an empty topic in ms, the fence or nothing, the plan as
 * JSON, and the heads and tails of frames, each once. The plan has a list of topics - channel, number of the key of the id
 * before or 0, epoch, offset and chain that are known, epochs that ended, most messages, their greatest age in ms, and the
 * life of the topic in ms - and one of messages, three numbers each: its topic, and which texts are its head and its tail.
 *
 * Returns as JSON a list of topics - epoch, and the offset and chain of the newest message; the epoch is empty when a higher
 * fence was seen there, false when the id before is not there, and nothing was published to it then - and one of messages:
 * the offset, as a number when it was published and as text `<offset>:<epoch>` when it had been before. What is sent to
 * subscribers is `<epoch>:<offset>:<chain before>:<chain>`, a line feed, and the frame.
 * @param publishCommand `SPUBLISH` on a cluster, where plain `PUBLISH` would go to every node.
 */
export const publishScript = (publishCommand: "PUBLISH" | "SPUBLISH"): string => `${TOPIC_LUA}
local new_epoch, empty_ttl_ms, fence = ARGV[1], ARGV[2], ARGV[3]
local plan = cjson.decode(ARGV[4])
local topics, messages = {}, plan[2]

local function published_before(topic, id_key)
  local position = redis.call('GET', id_key)
  return position and string.match(position, ':(.*)') == topic.epoch and position or nil
end

for index, planned in ipairs(plan[1]) do
  local channel, id_before, known_epoch, known_offset, known_chain, ended, max_messages, max_age_ms, meta_ttl_ms =
    unpack(planned)
  local topic = {
    meta_key = KEYS[2 * index - 1], stream_key = KEYS[2 * index], channel = channel,
    max_messages = max_messages, max_age_ms = max_age_ms, meta_ttl_ms = meta_ttl_ms
  }
  local epoch, top, chain, highest_fence, trimmed_at = open_topic(
    topic.meta_key, topic.stream_key, new_epoch, known_epoch, known_offset, known_chain, ended, empty_ttl_ms)
  topic.epoch, topic.top, topic.chain, topic.trimmed_at = epoch, top, chain, trimmed_at
  if fence ~= '' then
    if highest_fence and tonumber(highest_fence) > tonumber(fence) then
      topic.fenced = true
    elseif highest_fence ~= fence then
      redis.call('HSET', topic.meta_key, 'f', fence)
    end
  end
  topic.unconnected = id_before ~= 0 and not published_before(topic, KEYS[id_before])
  topics[index] = topic
end

local now = now_ms()
local positions = {}
for index = 1, #messages / 3 do
  local topic = topics[messages[3 * index - 2]]
  local id_key = KEYS[2 * #topics + index]
  local published = (topic.fenced or topic.unconnected) and 0 or published_before(topic, id_key)
  if not published then
    published = redis.call('HINCRBY', topic.meta_key, 'o', 1)
    local frame = ARGV[4 + messages[3 * index - 1]] .. published .. ARGV[4 + messages[3 * index]]
    local before = topic.chain
    local chain = string.sub(redis.sha1hex(before .. ' ' .. id_key), 1, 12)
    redis.call(
      'XADD', topic.stream_key, 'MAXLEN', topic.max_messages, published .. '-0', 't', now, 'f', frame, 'c', chain)
    redis.call('SET', id_key, published .. ':' .. topic.epoch, 'PX', topic.max_age_ms)
    redis.call('${publishCommand}', topic.channel,
      topic.epoch .. ':' .. published .. ':' .. before .. ':' .. chain .. '\\n' .. frame)
    topic.top, topic.chain, topic.has_grown = published, chain, true
  elseif published ~= 0 then
    topic.has_repeated = true
  end
  positions[index] = published
end
local standings = {}
for index, topic in ipairs(topics) do
  standings[index] = { topic.fenced and '' or not topic.unconnected and topic.epoch, topic.top, topic.chain }
  -- Also when nothing is new: a replica is asked for the last write of a connection, and must have what was published before.
  if topic.has_grown or topic.has_repeated then redis.call('HSET', topic.meta_key, 'c', topic.chain) end
  if topic.has_grown and math.abs(now - topic.trimmed_at) >= 1000 then
    trim(topic.stream_key, topic.top, now, topic.max_age_ms)
    redis.call('HSET', topic.meta_key, 't', now)
    redis.call('PEXPIRE', topic.stream_key, topic.max_age_ms + 5000)
    redis.call('PEXPIRE', topic.meta_key, topic.meta_ttl_ms)
  end
end
return cjson.encode({ standings, positions })
`;

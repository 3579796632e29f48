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
 * Keys are four of each topic - meta, stream, channel, and the id that must be there before (meta again: none) - then one for
 * each id. Arguments are five of the call, seven of each topic, the tails of the frames, each once, and of each message the
 * number of its topic, its head, and the number of its tail.
 * Returns for each topic its epoch - empty when a higher fence was seen there, nil when the id before is not there, and nothing
 * was published to it then - and the offset and the chain of its newest message; and for each message its offset, as a number
 * when it was published and as text `<offset>:<epoch>` when it had been before. What is sent to subscribers is
 * `<epoch>:<offset>:<chain before>:<chain>`, a line feed, and the frame.
 * @param publishCommand `SPUBLISH` on a cluster, where plain `PUBLISH` would go to every node.
 */
export const publishScript = (publishCommand: "PUBLISH" | "SPUBLISH"): string => `${TOPIC_LUA}
local new_epoch, empty_ttl_ms, fence = ARGV[1], ARGV[2], ARGV[3]
local topic_count, tail_count = tonumber(ARGV[4]), tonumber(ARGV[5])

local function published_before(topic, id_key)
  local position = redis.call('GET', id_key)
  return position and string.match(position, ':(.*)') == topic.epoch and position or nil
end

local topics = {}
local reply = {}
for index = 1, topic_count do
  local key, arg = 4 * index - 3, 7 * index - 2
  local topic = {
    meta_key = KEYS[key], stream_key = KEYS[key + 1], channel = KEYS[key + 2],
    max_messages = ARGV[arg + 5], max_age_ms = ARGV[arg + 6], meta_ttl_ms = ARGV[arg + 7]
  }
  local epoch, top, chain, highest_fence, trimmed_at = open_topic(
    topic.meta_key, topic.stream_key, new_epoch, ARGV[arg + 1], ARGV[arg + 2], ARGV[arg + 3], ARGV[arg + 4],
    empty_ttl_ms)
  topic.epoch, topic.top, topic.chain, topic.trimmed_at = epoch, top, chain, trimmed_at
  if fence ~= '' then
    if highest_fence and tonumber(highest_fence) > tonumber(fence) then
      topic.fenced = true
    elseif highest_fence ~= fence then
      redis.call('HSET', topic.meta_key, 'f', fence)
    end
  end
  topic.unconnected = KEYS[key + 3] ~= topic.meta_key and not published_before(topic, KEYS[key + 3])
  topics[index] = topic
end

local now = now_ms()
local first_tail = 5 + 7 * topic_count
local arg = first_tail + tail_count
for index = 1, #KEYS - 4 * topic_count do
  local topic = topics[tonumber(ARGV[arg + 1])]
  local id_key = KEYS[4 * topic_count + index]
  local published = (topic.fenced or topic.unconnected) and 0 or published_before(topic, id_key)
  if not published then
    published = redis.call('HINCRBY', topic.meta_key, 'o', 1)
    local frame = ARGV[arg + 2] .. published .. ARGV[first_tail + ARGV[arg + 3]]
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
  reply[3 * topic_count + index] = published
  arg = arg + 3
end
for index, topic in ipairs(topics) do
  reply[3 * index - 2] = topic.fenced and '' or not topic.unconnected and topic.epoch
  reply[3 * index - 1] = topic.top
  reply[3 * index] = topic.chain
  -- Also when nothing is new: a replica is asked for the last write of a connection, and must have what was published before.
  if topic.has_grown or topic.has_repeated then redis.call('HSET', topic.meta_key, 'c', topic.chain) end
  if topic.has_grown and math.abs(now - topic.trimmed_at) >= 1000 then
    local max_age_ms = tonumber(topic.max_age_ms)
    trim(topic.stream_key, topic.top, now, max_age_ms)
    redis.call('HSET', topic.meta_key, 't', now)
    redis.call('PEXPIRE', topic.stream_key, max_age_ms + 5000)
    redis.call('PEXPIRE', topic.meta_key, topic.meta_ttl_ms)
  end
end
return reply
`;

import { TOPIC_LUA } from "./topic-lua.ts";

/**
 * Tells where a topic stands, as `<offset>:<epoch>:<chain>:<which key was damaged, or nothing>`. The epoch of a topic that nobody published to stays the same for as
 * long as somebody asks for it now and then.
 */
export const POSITION_SCRIPT = `${TOPIC_LUA}
local empty_ttl_ms = tonumber(ARGV[6])
local epoch, offset, chain, _, _, damage = open_topic(
  KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], empty_ttl_ms, ARGV[7], ARGV[8], ARGV[9])
if offset == 0 and redis.call('PTTL', KEYS[1]) < empty_ttl_ms / 2 then
  -- A Redis that takes no writes may still be asked.
  redis.pcall('PEXPIRE', KEYS[1], empty_ttl_ms)
end
return offset .. ':' .. epoch .. ':' .. chain .. ':' .. (damage or '')
`;

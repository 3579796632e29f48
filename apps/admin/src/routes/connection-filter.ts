import { userId } from "@commcoin/protocol";
import { z } from "zod";
import { serverId } from "../server-id.ts";

/** Beginnings of addresses end where a part of them does, so that nobody finds 10.0.0.10 by 10.0.0.1. */
const address = z
  .string()
  .regex(
    /^[0-9A-Fa-f.:]{1,45}$/,
    "must be an address, or the beginning of one that ends in '.' or ':', such as 203.0.113. or 2001:db8:",
  );

/** What picks connections in a list, open ones and closed ones. */
export const connectionFilter = {
  server_id: serverId.optional().describe("Only those of one gateway"),
  user_id: userId.optional().describe("Only those of one user"),
  address: address
    .optional()
    .describe(
      "Only those from an address, or from all that begin with what ends in `.` or `:`: `203.0.113.`",
    ),
};

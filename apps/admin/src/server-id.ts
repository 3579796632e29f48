import { z } from "zod";

/** As `SERVER_ID` of a service may be. */
export const serverId = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, "must be 1 to 64 letters, digits, '.', '_' and '-'");

import { z } from "zod";
import { userId } from "../user-id.ts";

/** A user did something, such as `connected`, `disconnected` or `trade`. */
export const userActivity = z.object({
  user_id: userId,
  activity_type: z.string().min(1).max(64),
  data: z.json(),
});
export type UserActivity = z.infer<typeof userActivity>;

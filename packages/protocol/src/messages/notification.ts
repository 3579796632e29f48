import { z } from "zod";
import { userId } from "../user-id.ts";

/** Something a user should read. */
export const notification = z.object({
  user_id: userId.nullable().describe("Whom it is for; null when it is for everybody"),
  title: z.string().min(1).max(200),
  message: z.string().max(4_000),
  notification_type: z.string().min(1).max(64),
  data: z.json().optional(),
});
export type Notification = z.infer<typeof notification>;

import { expect, it } from "vitest";
import type { SignatureNotification } from "../model/notification.ts";
import { createSeenSlots } from "../progress/seen-slots.ts";
import { createWatermarks } from "../progress/watermarks.ts";
import { unprovenNotifications } from "./unproven-notifications.ts";

const reported = (address: string, slot: number): SignatureNotification => ({
  signature: `${address}${slot}`,
  slot,
  address,
  err: null,
  source: "account",
  endpoint: "node",
  origin: "live",
  receivedAt: 0,
});

it("is what lies above the watermark of its address, also of one that the last publisher did not know", () => {
  const seen = createSeenSlots(100);
  for (const slot of [90, 95, 101, 105]) {
    seen.add(reported("old", slot));
    seen.add(reported("new", slot));
  }
  const watermarks = createWatermarks();
  watermarks.begin("old", 100);
  expect(unprovenNotifications(seen, watermarks).map(({ signature }) => signature)).toEqual([
    "new90",
    "new95",
    "old101",
    "new101",
    "old105",
    "new105",
  ]);
});

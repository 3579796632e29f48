import type { SignatureNotification } from "../model/notification.ts";
import type { SeenSlots } from "../progress/seen-slots.ts";
import type { Watermarks } from "../progress/watermarks.ts";

/**
 * What was reported to this listener while another one published, and is not proven to be published: everything above the
 * watermark of its address. An address may begin below the watermarks of all others, when it was just added.
 */
export const unprovenNotifications = (
  seen: Pick<SeenSlots, "above">,
  watermarks: Pick<Watermarks, "of">,
): readonly SignatureNotification[] =>
  seen.above(-1).filter(({ address, slot }) => slot > watermarks.of(address));

/** The right to publish, of somebody who has no rivals. */
export const endlessTerm = { fence: 1, holds: () => true, lost: () => {} };

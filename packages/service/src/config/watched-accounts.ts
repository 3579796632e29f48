import { integer } from "./fields.ts";

/** The most that `WATCHED_ACCOUNTS_MAX` can be. */
export const MAX_WATCHED_ACCOUNTS = 10_000;

/** One number for gateways and listeners: gateways let in no more, listeners watch no more. */
export const watchedAccountsVariables = {
  WATCHED_ACCOUNTS_MAX: integer(1_000, {
    min: 1,
    max: MAX_WATCHED_ACCOUNTS,
    description:
      "Accounts that clients can have watched at a time, all gateways together; each is one subscription to the node",
  }),
} as const;

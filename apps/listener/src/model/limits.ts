import { MAX_WATCHED_ACCOUNTS } from "@commcoin/service/config";

/** Each account is one subscription, and nodes refuse more than some hundreds of them. */
export const MAX_ACCOUNTS = 1_000;
/** Each coin is one subscription too; nodes of one's own take thousands. */
export const MAX_TOKENS = 10_000;
/** CommCoin, SPL Token and Token-2022. */
const MAX_PROGRAMS = 3;
/** So many addresses a listener follows at most, with every limit at its largest. */
export const MAX_FOLLOWED = MAX_PROGRAMS + MAX_ACCOUNTS + MAX_WATCHED_ACCOUNTS + MAX_TOKENS;

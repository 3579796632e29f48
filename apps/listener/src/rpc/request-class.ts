/**
 * What a request is for, the most urgent first: what is to be published now, what was missed while nobody listened,
 * the search for what no stream reported, and how confirmed transactions ended. Also a metric label.
 */
export const REQUEST_CLASSES = ["live", "catch_up", "audit", "finality"] as const;

export type RequestClass = (typeof REQUEST_CLASSES)[number];

import type { PortReports } from "./reports.ts";

/** Asks all workers of a port for a report; this one where it is alone, or does not hear of the others. */
export const createOrOwn =
  (all: PortReports | null) =>
  async <Report>(
    ask: (all: PortReports) => Promise<Report>,
    own: () => Report | Promise<Report>,
  ): Promise<Report> => {
    if (all === null) return own();
    try {
      return await ask(all);
    } catch {
      return own();
    }
  };

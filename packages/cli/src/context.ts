import { createAdminApi, type AdminApi } from "./admin-api.ts";

/** What commands share: where they write, and where things are. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly write: (text: string) => void;
  readonly warn: (text: string) => void;
  /** Whether what is written is read on a terminal that shows colours. */
  readonly colors?: boolean;
  /** Ends what goes on and on, such as `tail`. */
  readonly signal: AbortSignal;
}

export interface AdminOptions {
  readonly admin?: string;
  readonly token?: string;
  readonly json?: boolean;
}

const DEFAULT_ADMIN_URL = "http://localhost:8081";

export const adminApi = ({ env }: Context, { admin, token }: AdminOptions): AdminApi =>
  createAdminApi({
    url: admin ?? env["COMMCOIN_ADMIN_URL"] ?? DEFAULT_ADMIN_URL,
    token: token ?? env["ADMIN_TOKEN"],
  });

/** Prints an answer for machines, or what people read. */
export function show(
  { write }: Context,
  { json }: Pick<AdminOptions, "json">,
  answer: unknown,
  text: () => string,
): void {
  write(json === true ? `${JSON.stringify(answer, null, 2)}\n` : text());
}

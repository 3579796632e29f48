import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { connectLive, degraded, gatewayToken, GATEWAY_URL, liveState } from "../live/live.ts";
import { Dialog } from "./dialog.tsx";

const WORDS: Readonly<Record<string, string>> = {
  idle: "not connected",
  connecting: "connecting",
  connected: "live",
  waiting: "reconnecting",
  offline: "offline",
  closed: "closed",
};

/** How the connection to the gateway is, in a word; more of it by a click. */
export function LiveStatus(): JSX.Element {
  const [open, setOpen] = useState(false);
  const { state } = liveState.value;
  const word = degraded.value === null ? (WORDS[state] ?? state) : "broker away";
  const tone =
    degraded.value !== null ? "warn" : state === "connected" ? "good" : state === "closed" ? "bad" : "warn";
  return (
    <>
      <button type="button" class="live" aria-label={`Live data: ${word}`} onClick={() => setOpen(true)}>
        <span class={`dot ${tone}`} aria-hidden="true" /> {word}
      </button>
      {open && <LiveDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function LiveDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { state, reason, code } = liveState.value;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const token = new FormData(event.currentTarget as HTMLFormElement).get("token");
    gatewayToken.keep(typeof token === "string" ? token.trim() : "");
    location.reload();
  };
  return (
    <Dialog title="Live data" onCancel={onClose}>
      <dl class="facts">
        <dt>Gateway</dt>
        <dd>{GATEWAY_URL}</dd>
        <dt>State</dt>
        <dd>
          {WORDS[state] ?? state}
          {reason !== undefined && `: ${reason}`}
          {code !== undefined && ` (${code})`}
        </dd>
        {degraded.value !== null && (
          <>
            <dt>Broker</dt>
            <dd>{degraded.value}</dd>
          </>
        )}
      </dl>
      <p class="hint">
        The server tells this page where the gateway is: DASHBOARD_GATEWAY_URL. The page connects again by
        itself.
      </p>
      <form onSubmit={submit}>
        <label for="gateway-token">Token, for a gateway that verifies them (AUTH_MODE=jwt)</label>
        <input
          id="gateway-token"
          name="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          defaultValue={gatewayToken.value}
        />
        <div class="actions">
          {state === "closed" && (
            <button type="button" onClick={connectLive}>
              Connect again
            </button>
          )}
          <button type="submit">Use token</button>
          <button type="button" class="primary" onClick={onClose}>
            Close
          </button>
        </div>
      </form>
    </Dialog>
  );
}

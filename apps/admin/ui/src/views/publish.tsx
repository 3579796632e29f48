import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { read } from "../api/request.ts";
import type { Published } from "../api/types.ts";
import { write } from "../api/write.ts";
import { confirm } from "../components/confirm-dialog.tsx";
import { Empty, Failure, Panel } from "../components/states.tsx";
import { Num } from "../components/values.tsx";
import { messageFields, readFields, type ApiDocument, type Field } from "../message-schema.ts";
import { Link } from "../navigation.tsx";
import { topicPath } from "../routes.ts";

const RETRY_MS = 3_000;
const FIRST_TYPE = "Notification";
const TARGETS = [
  { kind: "all", label: "Everybody", example: "" },
  { kind: "topic", label: "A topic", example: "notifications" },
  { kind: "user_id", label: "A user", example: "123" },
  { kind: "server_id", label: "A server", example: "gateway-1" },
] as const;
type TargetKind = (typeof TARGETS)[number]["kind"];

/** The forms, as the API describes what it takes. */
function useMessageFields(): ReadonlyMap<string, readonly Field[]> {
  const [fields, setFields] = useState<ReadonlyMap<string, readonly Field[]>>(new Map());
  useEffect(() => {
    const ended = new AbortController();
    const ask = async (): Promise<void> => {
      try {
        setFields(messageFields(await read<ApiDocument>("/docs/json", ended.signal)));
      } catch {
        if (!ended.signal.aborted) setTimeout(() => void ask(), RETRY_MS);
      }
    };
    void ask();
    return () => ended.abort();
  }, []);
  return fields;
}

function FieldInput({ field }: { readonly field: Field }): JSX.Element {
  const { name, kind, required, nullable, hint, choices } = field;
  const id = `field-${name}`;
  const input = { id, name: `data.${name}`, ...(hint !== "" && { "aria-describedby": `${id}-hint` }) };
  return (
    <div>
      <label for={id}>
        {name} {!required || nullable ? <span class="faint">may be empty</span> : null}
      </label>
      {kind === "choice" ? (
        <select {...input}>
          {choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : kind === "json" ? (
        <textarea {...input} placeholder="JSON" required={required && !nullable} spellcheck={false} />
      ) : (
        <input
          {...input}
          inputMode={kind === "number" ? "numeric" : "text"}
          required={required && !nullable}
          autocomplete="off"
        />
      )}
      {hint !== "" && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface ResultProps {
  readonly result: Published | null;
  readonly error: string | null;
}

function Result({ result, error }: ResultProps): JSX.Element | null {
  if (error !== null) return <Failure>{error}</Failure>;
  if (result === null) return null;
  return (
    <Panel title={result.duplicate ? "Published before" : "Published"}>
      <p role="status">
        {result.duplicate ? "This id was published before, here:" : "Subscribers get it now. It stands here:"}
      </p>
      <dl class="facts">
        <dt>Topic</dt>
        <dd>
          <Link href={topicPath(result.topic)}>{result.topic}</Link>
        </dd>
        <dt>Offset</dt>
        <dd>
          <Num value={result.offset} />
        </dd>
        <dt>Epoch</dt>
        <dd>{result.epoch}</dd>
        <dt>Id</dt>
        <dd>{result.id}</dd>
      </dl>
    </Panel>
  );
}

/** Publishes a message of any type to whom a person chooses. */
export function PublishView(): JSX.Element {
  const fields = useMessageFields();
  const [type, setType] = useState(FIRST_TYPE);
  const [kind, setKind] = useState<TargetKind>("topic");
  const [result, setResult] = useState<Published | null>(null);
  const [error, setError] = useState<string | null>(null);
  const target = TARGETS.find((one) => one.kind === kind) ?? TARGETS[0];

  const publish = async (form: FormData): Promise<void> => {
    const text = (name: string): string => {
      const value = form.get(name);
      return typeof value === "string" ? value : "";
    };
    const shown = fields.get(type) ?? [];
    const data = readFields(shown, new Map(shown.map(({ name }) => [name, text(`data.${name}`)])));
    const value = text("target").trim();
    const id = text("id").trim();
    const yes = await confirm({
      title: `Publish ${type}?`,
      text: `It goes to ${kind === "all" ? "everybody who is connected" : `${target.label.toLowerCase()}: ${value}`}, and cannot be taken back.`,
      action: "Publish",
    });
    if (!yes) return;
    const body = {
      type,
      data,
      target: kind === "all" ? { all: true } : { [kind]: value },
      ...(id !== "" && { id }),
    };
    setResult(await write<Published>("/api/ws/broadcast", body));
    setError(null);
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    publish(new FormData(event.currentTarget as HTMLFormElement)).catch((failure: unknown) => {
      setResult(null);
      setError(failure instanceof Error ? failure.message : String(failure));
    });
  };
  return (
    <>
      <h1>Publish</h1>
      <Panel title="Message">
        {fields.size === 0 ? (
          <Empty>Reading what can be published…</Empty>
        ) : (
          <form onSubmit={submit}>
            <div class="fields">
              <div>
                <label for="type">Type</label>
                <select id="type" value={type} onChange={(event) => setType(event.currentTarget.value)}>
                  {[...fields.keys()].map((name) => (
                    <option key={name}>{name}</option>
                  ))}
                </select>
              </div>
              <div>
                <label for="target-kind">To</label>
                <select
                  id="target-kind"
                  value={kind}
                  onChange={(event) => setKind(event.currentTarget.value as TargetKind)}
                >
                  {TARGETS.map(({ kind, label }) => (
                    <option key={kind} value={kind}>
                      {label}
                    </option>
                  ))}
                </select>
              </div>
              {kind !== "all" && (
                <div>
                  <label for="target">{target.label}</label>
                  <input id="target" name="target" placeholder={target.example} required autocomplete="off" />
                </div>
              )}
              <div>
                <label for="id">
                  Id <span class="faint">may be empty</span>
                </label>
                <input id="id" name="id" autocomplete="off" aria-describedby="id-hint" />
                <p class="hint" id="id-hint">
                  The same id is published once.
                </p>
              </div>
            </div>
            <fieldset key={type}>
              <legend>Data</legend>
              <div class="fields">
                {(fields.get(type) ?? []).map((field) => (
                  <FieldInput key={field.name} field={field} />
                ))}
              </div>
            </fieldset>
            <div class="actions">
              <button type="submit" class="primary">
                Publish…
              </button>
            </div>
          </form>
        )}
      </Panel>
      <Result result={result} error={error} />
    </>
  );
}

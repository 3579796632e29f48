import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { persist } from "../api/again.ts";
import type { Polled } from "../api/poll.ts";
import { read, wordsOf } from "../api/request.ts";
import type { Published } from "../api/types.ts";
import { write } from "../api/write.ts";
import { confirm } from "../components/confirm-dialog.tsx";
import { Failure, Loaded, Panel } from "../components/states.tsx";
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
const targetOf = (wanted: TargetKind) => TARGETS.find(({ kind }) => kind === wanted) ?? TARGETS[0];

/** The forms, as the API describes what it takes. */
function useMessageFields(): Polled<ReadonlyMap<string, readonly Field[]>> {
  const [fields, setFields] = useState<ReadonlyMap<string, readonly Field[]>>();
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    const ended = new AbortController();
    const ask = async (): Promise<void> => {
      setFields(messageFields(await read<ApiDocument>("/docs/json", ended.signal)));
      setError(null);
    };
    void persist(ask, (failure) => setError(wordsOf(failure)), RETRY_MS, ended.signal);
    return () => ended.abort();
  }, []);
  return { data: fields, error };
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

interface TargetProps {
  readonly kind: TargetKind;
  readonly onKind: (kind: TargetKind) => void;
}

function TargetInputs({ kind, onKind }: TargetProps): JSX.Element {
  const { label, example } = targetOf(kind);
  return (
    <>
      <div>
        <label for="target-kind">To</label>
        <select
          id="target-kind"
          value={kind}
          onChange={(event) => onKind(event.currentTarget.value as TargetKind)}
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
          <label for="target">{label}</label>
          <input id="target" name="target" placeholder={example} required autocomplete="off" />
        </div>
      )}
    </>
  );
}

/** Asks for confirmation, and publishes. @returns null when nothing was published. */
async function publish(
  type: string,
  fields: readonly Field[],
  kind: TargetKind,
  form: FormData,
): Promise<Published | null> {
  const text = (name: string): string => {
    const value = form.get(name);
    return typeof value === "string" ? value : "";
  };
  const data = readFields(fields, new Map(fields.map(({ name }) => [name, text(`data.${name}`)])));
  const value = text("target").trim();
  const id = text("id").trim();
  const whom =
    kind === "all" ? "everybody who is connected" : `${targetOf(kind).label.toLowerCase()}: ${value}`;
  const yes = await confirm({
    title: `Publish ${type}?`,
    text: `It goes to ${whom}, and cannot be taken back.`,
    action: "Publish",
  });
  if (!yes) return null;
  const target = kind === "all" ? { all: true } : { [kind]: value };
  return write<Published>("/api/ws/broadcast", { type, data, target, ...(id !== "" && { id }) });
}

interface FormProps {
  readonly types: ReadonlyMap<string, readonly Field[]>;
  readonly onResult: (result: Published | null, error: string | null) => void;
}

function PublishForm({ types, onResult }: FormProps): JSX.Element {
  const [type, setType] = useState(FIRST_TYPE);
  const [kind, setKind] = useState<TargetKind>("topic");
  const fields = types.get(type) ?? [];
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    publish(type, fields, kind, new FormData(event.currentTarget as HTMLFormElement)).then(
      (result) => onResult(result, null),
      (failure: unknown) => onResult(null, wordsOf(failure)),
    );
  };
  return (
    <form onSubmit={submit}>
      <div class="fields">
        <div>
          <label for="type">Type</label>
          <select id="type" value={type} onChange={(event) => setType(event.currentTarget.value)}>
            {[...types.keys()].map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </div>
        <TargetInputs kind={kind} onKind={setKind} />
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
          {fields.map((field) => (
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
  );
}

/** Publishes a message of any type to whom a person chooses. */
export function PublishView(): JSX.Element {
  const types = useMessageFields();
  const [{ result, error }, setOutcome] = useState<ResultProps>({ result: null, error: null });
  return (
    <>
      <h1>Publish</h1>
      <Panel title="Message">
        <Loaded from={types}>
          {(known) => (
            <PublishForm types={known} onResult={(result, error) => setOutcome({ result, error })} />
          )}
        </Loaded>
      </Panel>
      <Result result={result} error={error} />
    </>
  );
}

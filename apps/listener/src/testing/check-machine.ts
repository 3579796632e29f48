import * as fc from "fast-check";
import { expect } from "vitest";
import type { Event, State, Step } from "../sources/generations.ts";

interface Machine<Name extends string, Type extends string, Command extends string> {
  readonly next: (state: State<Name>, event: Event<Type>) => Step<Name, Command>;
  /** The commands of every transition behind the state that it leads to; `-` where nothing changes. */
  readonly table: Record<Name, Record<Type, string>>;
  /** Events that come from outside, and not from an attempt. */
  readonly free: readonly NoInfer<Type>[];
}

type Watch<Name extends string, Type extends string, Command extends string> = (
  step: Step<Name, Command>,
  event: Event<Type>,
) => void;

const keysOf = <Key extends string>(record: Record<Key, unknown>): readonly Key[] =>
  Object.keys(record) as Key[];

/** Walks all pairs of states and events, and random ways through them. */
export function checkMachine<Name extends string, Type extends string, Command extends string>({
  next,
  table,
  free,
}: Machine<Name, Type, Command>) {
  const names = keysOf(table);
  const GENERATION = 5;
  const [first] = names;
  const types = first === undefined ? [] : keysOf(table[first]);
  const show = (from: State<Name>, type: Type, generation?: number): string => {
    const { state, commands } = next(from, generation === undefined ? { type } : { type, generation });
    return state === from && commands.length === 0 ? "-" : [state.name, ...commands].join(" ");
  };
  const walk = (generation: (type: Type) => number | undefined): unknown =>
    Object.fromEntries(
      names.map((name) => [
        name,
        Object.fromEntries(
          types.map((type) => [type, show({ name, generation: GENERATION }, type, generation(type))]),
        ),
      ]),
    );
  const isFree = (type: Type): boolean => free.includes(type);

  for (const name of names) {
    for (const type of types.filter((each) => !isFree(each))) {
      for (const stale of [GENERATION - 1, GENERATION + 1, 0]) {
        expect(show({ name, generation: GENERATION }, type, stale), `${name}, stale ${type}`).toBe("-");
      }
    }
  }
  return {
    table,
    /** What the machine does, in the words of the table. */
    states: walk((type) => (isFree(type) ? undefined : GENERATION)),
    /** Takes random ways, with events of the present attempt and of others, and has each step looked at. */
    random(start: State<Name>, watch: () => Watch<Name, Type, Command>): void {
      const happening = fc.record({ type: fc.constantFrom(...types), age: fc.constantFrom(0, 0, 0, 1, 2) });
      fc.assert(
        fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
          const look = watch();
          let state = start;
          for (const { type, age } of happenings) {
            const event = isFree(type) ? { type } : { type, generation: state.generation - age };
            const step = next(state, event);
            if (age > 0 && !isFree(type)) expect(step).toEqual({ state, commands: [] });
            state = step.state;
            look(step, event);
          }
        }),
      );
    },
  };
}

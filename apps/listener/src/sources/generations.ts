/**
 * A state of something that is tried again and again. Each attempt has a number, and what an attempt brings about names
 * it: what an earlier one left behind means nothing any more.
 */
export interface State<Name extends string> {
  readonly name: Name;
  readonly generation: number;
}

export interface Event<Type extends string> {
  readonly type: Type;
  /** The attempt that it comes from; none for what comes from outside. */
  readonly generation?: number;
}

/** What follows from an event: the next state, and what has to be done, in this order. */
type Transition<Name extends string, Command extends string> = readonly [Name, ...Command[]];

/** An answer for every event in every state; null where nothing follows. */
export type Transitions<Name extends string, Type extends string, Command extends string> = {
  readonly [From in Name]: { readonly [On in Type]: Transition<Name, Command> | null };
};

export interface Step<Name extends string, Command extends string> {
  readonly state: State<Name>;
  readonly commands: readonly Command[];
}

/**
 * The function from a state and an event to what follows.
 * @param attempt the state that begins a new attempt, whenever it is entered.
 */
export const createMachine =
  <Name extends string, Type extends string, Command extends string>(
    transitions: Transitions<Name, Type, Command>,
    attempt: Name,
  ) =>
  (state: State<Name>, { type, generation }: Event<Type>): Step<Name, Command> => {
    const stale = generation !== undefined && generation !== state.generation;
    const transition: Transition<Name, Command> | null = stale ? null : transitions[state.name][type];
    if (transition === null) return { state, commands: [] };
    const [name, ...commands] = transition;
    return {
      state: { name, generation: state.generation + Number(name === attempt) },
      commands,
    };
  };

/**
 * Reads a Dockerfile: its instructions in order, each with its flags (`--from=build`) and the rest, on one line. What
 * is not understood throws.
 */
export function parseDockerfile(text) {
  const lines = text.split("\n").filter((line) => !/^\s*#/.test(line));
  const joined = lines.join("\n").replaceAll(/\\\n\s*/g, "");
  return joined
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [, instruction, rest = ""] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
      if (instruction === undefined) throw new Error(`Not an instruction: ${line}`);
      const flags = [];
      let argument = rest.trim();
      for (let flag; (flag = /^--([a-z]+)=(\S+)\s+/.exec(argument)) !== null;) {
        flags.push([flag[1], flag[2]]);
        argument = argument.slice(flag[0].length);
      }
      return { instruction, flags, argument };
    });
}

/** Splits the instructions into stages; what stands before the first is in `before`. */
export function stagesOf(instructions) {
  const first = instructions.findIndex(({ instruction }) => instruction === "FROM");
  const stages = [];
  for (const step of instructions.slice(first)) {
    if (step.instruction !== "FROM") stages.at(-1).steps.push(step);
    else {
      const [, base, name] = /^(\S+)(?: AS (\S+))?$/.exec(step.argument) ?? [];
      stages.push({ name: name ?? String(stages.length), base, steps: [] });
    }
  }
  return { before: instructions.slice(0, first), stages };
}

/** `$NAME`, `${NAME}`, as the engine fills them in where no shell does. */
export const fillIn = (text, variables) =>
  text.replaceAll(/\$\{?(\w+)\}?/g, (_all, name) => variables[name] ?? "");

/** Text as a cell of a table. */
export const cell = (text) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll("\n", " ");

export const code = (text) => `\`${text.replaceAll("|", "\\|")}\``;

export const table = (headings, rows) =>
  [headings, headings.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

/**
 * Puts what is generated between `<!-- generated: name -->` and `<!-- end -->`.
 * @throws when a part has no place in the text, or a place no part.
 */
export function fill(text, parts) {
  const left = new Set(Object.keys(parts));
  const filled = text.replaceAll(/<!-- generated: ([\w-]+) -->\n[\s\S]*?<!-- end -->/g, (_, name) => {
    if (!left.delete(name))
      throw new Error(`There is nothing to generate for "${name}", or it stands there twice.`);
    return `<!-- generated: ${name} -->\n\n${parts[name]}\n\n<!-- end -->`;
  });
  if (left.size > 0) throw new Error(`There is no place for ${[...left].join(", ")}.`);
  return filled;
}

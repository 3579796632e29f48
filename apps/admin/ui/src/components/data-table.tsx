import type { ComponentChildren, JSX } from "preact";

export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** Numbers stand to the right, so that their digits can be compared. */
  readonly right?: boolean;
  /** What stands in the head in place of the name. */
  readonly head?: ComponentChildren;
  readonly sorted?: "ascending" | "descending" | "none";
}

interface DataTableProps<Row> {
  readonly label: string;
  /** The first one names the row. */
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** On a narrow page rows become cards, which show everything; where there are many, they stay lines that scroll sideways. */
  readonly narrow?: "cards" | "lines";
}

const side = (right: boolean | undefined): string => (right === true ? "right" : "");

function BodyRow<Row>({ columns, row }: { readonly columns: readonly Column<Row>[]; readonly row: Row }) {
  const [first, ...others] = columns;
  return (
    <tr role="row">
      <th scope="row" role="rowheader">
        {first?.cell(row)}
      </th>
      {others.map(({ name, right, cell }) => (
        <td key={name} role="cell" class={side(right)} data-label={name}>
          {cell(row)}
        </td>
      ))}
    </tr>
  );
}

/**
 * A table that scrolls sideways where the page is narrow, by keyboard, too. The roles are named, since browsers forget them
 * where rows are drawn as cards.
 */
export function DataTable<Row>(props: DataTableProps<Row>): JSX.Element {
  const { label, columns, rows, keyOf, narrow = "cards" } = props;
  const sortable = columns.some(({ sorted }) => sorted !== undefined);
  return (
    <div class="scroll" role="group" aria-label={label} tabIndex={0}>
      <table role="table" class={`${narrow}${sortable ? " sortable" : ""}`}>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map(({ name, right, head, sorted }) => (
              <th
                key={name}
                scope="col"
                role="columnheader"
                class={side(right)}
                {...(sorted && { "aria-sort": sorted })}
              >
                {head ?? name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <BodyRow key={keyOf(row)} columns={columns} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

import type { ComponentChildren, JSX } from "preact";
import { Button, Card } from "@/components";
import { csvOf, download } from "@/downloads";
import { t } from "@/i18n";

export interface Column<Row> {
  name: string;
  value: (row: Row) => ComponentChildren;
  /** Words stand to the left, numbers to the right. */
  text?: boolean;
}

export interface SectionProps<Row> {
  title: string;
  lead: string;
  /** What a file of these figures is called. */
  file: string;
  /** The figures as the ledger gives them, for the files. */
  rows: readonly Row[];
  /** The same for who reads: instead of a drawing, or beside it. */
  columns?: readonly Column<Row>[];
  children: ComponentChildren;
}

/** Figures: drawn, as a table, and to take away. */
export function Section<Row extends object>({ title, lead, file, rows, columns, children }: SectionProps<Row>): JSX.Element {
  const csv = (): void => download(`${file}.csv`, csvOf(rows as readonly Record<string, unknown>[]), "text/csv");
  const json = (): void => download(`${file}.json`, `${JSON.stringify(rows, null, 2)}\n`, "application/json");
  return (
    <Card
      title={title}
      class="figures"
      actions={
        rows.length > 0 && (
          <>
            <Button size="small" kind="quiet" onClick={csv} label={t("economy-csv-of", { title })}>CSV</Button>
            <Button size="small" kind="quiet" onClick={json} label={t("economy-json-of", { title })}>JSON</Button>
          </>
        )
      }
    >
      <p class="note">{lead}</p>
      {children}
      {columns && rows.length > 0 && (
        <details class="as-table">
          <summary>{t("economy-as-table")}</summary>
          <Table label={title} rows={rows} columns={columns} />
        </details>
      )}
    </Card>
  );
}

/** A table that can be scrolled by touch and by keyboard where it is wider than the screen. */
export function Table<Row>({ label, rows, columns }: { label: string; rows: readonly Row[]; columns: readonly Column<Row>[] }): JSX.Element {
  return (
    <div class="table-place" role="region" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>{columns.map(({ name, text }) => <th key={name} scope="col" class={text ? "words" : undefined}>{name}</th>)}</tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>{columns.map(({ name, value, text }) => <td key={name} class={text ? "words" : undefined}>{value(row)}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

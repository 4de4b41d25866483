type Cell = string | number | bigint | undefined;

/** A table as spreadsheets read it (RFC 4180). Text that they would take for a formula gets an apostrophe before it. */
export function csvOf(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [header, ...rows].map((row) => row.map(cellOf).join(",")).join("\r\n") + "\r\n";
}

function cellOf(value: Cell): string {
  if (typeof value !== "string") return value === undefined ? "" : String(value);
  const number = /^[−+-]?[\d.]+$/.test(value);
  const harmless = !number && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Hands a file to the person. The mark at the beginning tells spreadsheets that it is UTF-8. */
export function download(name: string, content: string, type: string): void {
  const mark = type.startsWith("text/csv") ? "\ufeff" : "";
  const url = URL.createObjectURL(new Blob([mark + content], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

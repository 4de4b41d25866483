/** Rows of the same names as a CSV file, by RFC 4180. What a spreadsheet would run as a formula is made a text. */
export function csvOf(rows: readonly Readonly<Record<string, unknown>>[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = [names, ...rows.map((row) => names.map((name) => row[name]))];
  return lines.map((line) => line.map(cell).join(",") + "\r\n").join("");
}

function cell(value: unknown): string {
  const plain = value === undefined || value === null ? "" : String(value);
  const number = /^[-+]?\d+(\.\d+)?$/.test(plain);
  const text = /^[=+\-@\t\r]/.test(plain) && !number ? `'${plain}` : plain;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Gives a file to the person, under this name. */
export function download(name: string, content: string, type: string): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

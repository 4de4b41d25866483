/** The moment so many microseconds after another, in RFC 3339. Blocks are told apart by microseconds. */
export function microsAfter(time: string, micros: bigint): string {
  const [seconds = "", fraction = ""] = time.replace("Z", "").split(".");
  const whole = BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(fraction.padEnd(6, "0").slice(0, 6)) + micros;
  const base = new Date(Number(whole / 1_000_000n) * 1000).toISOString().slice(0, 19);
  return `${base}.${(whole % 1_000_000n).toString().padStart(6, "0")}Z`;
}

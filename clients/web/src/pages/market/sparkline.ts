/** A small line of prices, as the path of an SVG. */

/**
 * Draws values from left to right over a box. A single value, or values that are all the same, are a level
 * line in the middle; nothing is nothing.
 */
export function sparkline(values: readonly number[], width: number, height: number): string {
  const drawn = values.filter(Number.isFinite);
  if (drawn.length === 0) return "";
  const low = Math.min(...drawn);
  const spread = Math.max(...drawn) - low;
  const level = (value: number) =>
    spread > 0 ? height - ((value - low) / spread) * height : height / 2;
  const points = drawn.length === 1 ? [drawn[0]!, drawn[0]!] : drawn;
  return points
    .map((value, at) => {
      const x = (at / (points.length - 1)) * width;
      return `${at === 0 ? "M" : "L"}${round(x)} ${round(level(value))}`;
    })
    .join("");
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

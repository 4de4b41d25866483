export interface Line {
  label: string;
  values: readonly (number | null)[];
  /** Token of the colour, such as `--accent`. */
  colour?: string;
  fill?: boolean;
  stepped?: boolean;
  dashed?: boolean;
}

export interface SeriesData {
  /** Seconds since 1970, or any numbers in order with `plain`. */
  x: readonly number[];
  lines: readonly Line[];
}

export interface SeriesOptions {
  /** The x values are numbers, not times. */
  plain?: boolean;
  height?: number;
  format?: (value: number) => string;
  formatX?: (value: number) => string;
}

/** Something on a canvas. */
export interface Drawn<Data> {
  update: (data: Data) => void;
  remove: () => void;
}

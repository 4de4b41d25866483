/** A candle; `time` in seconds since 1970. Numbers, as charts draw pixels: never compute money with them. */
export interface Candle {
  time: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume?: number;
}

export interface CandleOptions {
  height?: number;
  /** Decimals of the price axis. */
  decimals?: number;
}

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

import type { JSX } from "preact";

function icon(paths: string): () => JSX.Element {
  return () => (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths} />
    </svg>
  );
}

/** Line icons, 24 by 24, drawn in the colour of the text. */
export const ICONS = {
  home: icon("M4 11l8-7 8 7M6 9.5V20h12V9.5M10 20v-6h4v6"),
  market: icon("M4 19h16M7 15V9M7 6v1M12 15V7M12 4v1M12 17v-2M17 13V6M17 16v-3"),
  queues: icon("M4 8a2 2 0 0 0 0 4v4h16v-4a2 2 0 0 1 0-4V4H4zM14 4v12M7 20h10"),
  wallet: icon("M4 7.5V18a2 2 0 0 0 2 2h14V8H6a2 2 0 0 1 0-4h12v4M16 14h.5"),
  parliament: icon("M3 20h18M5 17h14M6 17v-7M10 17v-7M14 17v-7M18 17v-7M3.5 10h17L12 4z"),
  economy: icon("M4 20V4M4 20h16M8 16l4-5 3 3 5-7"),
  explorer: icon("M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9"),
  leaderboards: icon("M4 20V12h5v8M9 20V6h6v14M15 20v-6h5v6M3 20h18"),
  profile: icon("M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4 3.5-6 8-6s8 2 8 6"),
  more: icon("M5 12h.01M12 12h.01M19 12h.01"),
} as const;

export type IconName = keyof typeof ICONS;

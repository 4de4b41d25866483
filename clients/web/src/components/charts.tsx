import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { t } from "@/i18n";
import { themeChanges } from "@/theme";
import type { Drawn, SeriesData, SeriesOptions } from "@/charts/shapes";

export type { Line } from "@/charts/shapes";

/** Lines or steps over time, or over any other number. */
export function SeriesChart({ label, x, lines, ...options }: { label: string } & SeriesData & SeriesOptions): JSX.Element {
  const data = useMemo(() => ({ x, lines }), [x, lines]);
  return <Drawing<SeriesData, SeriesOptions> label={label} height={options.height ?? 220} data={data} options={options} load={() => import("@/charts/series").then(({ drawSeries }) => drawSeries)} />;
}

interface DrawingProps<Data, Options> {
  label: string;
  height: number;
  data: Data;
  options: Options;
  load: () => Promise<(place: HTMLElement, data: Data, options: Options) => Drawn<Data>>;
}

function Drawing<Data, Options>({ label, height, data, options, load }: DrawingProps<Data, Options>): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn<Data>>();
  const latest = useRef(data);
  latest.current = data;
  const [state, setState] = useState<"loading" | "drawn" | "failed">("loading");
  const theme = themeChanges.value;

  useEffect(() => {
    let gone = false;
    load().then(
      (draw) => {
        if (gone || !place.current) return;
        drawn.current = draw(place.current, latest.current, options);
        setState("drawn");
      },
      () => !gone && setState("failed"),
    );
    return () => {
      gone = true;
      drawn.current?.remove();
      drawn.current = undefined;
    };
  }, [theme, height]);

  useEffect(() => drawn.current?.update(data), [data]);

  return (
    <figure class="chart" aria-label={label} role="img">
      <div ref={place} style={{ height: `${height}px` }} aria-hidden="true" />
      {state === "loading" && <span class="chart-note">{t("loading")}</span>}
      {state === "failed" && <span class="chart-note">{t("chart-failed")}</span>}
    </figure>
  );
}

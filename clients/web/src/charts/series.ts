import uPlot, { type AlignedData } from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Drawn, Line, SeriesData, SeriesOptions } from "@/charts/shapes";
import { formatInteger, language } from "@/i18n";
import { token } from "@/theme";

const COLOURS = ["--accent", "--teal", "--gold", "--plum", "--up", "--ink-soft"];

export function drawSeries(place: HTMLElement, first: SeriesData, options: SeriesOptions): Drawn<SeriesData> {
  const { format = (value: number) => formatInteger(value), formatX, plain = false } = options;
  const grid = { stroke: token("--line"), width: 1 };
  const axis = { stroke: token("--ink-soft"), grid, ticks: { show: false }, font: `12px ${token("--font")}` };
  const shortDate = new Intl.DateTimeFormat(language.value, { day: "numeric", month: "short", timeZone: "UTC" });
  const dateOf = (value: number): string => shortDate.format(new Date(value * 1000));
  const xText = formatX ?? (plain ? String : dateOf);
  const plot = new uPlot({
    width: place.clientWidth || 300,
    height: Math.max(120, place.clientHeight - 34),
    scales: { x: { time: !plain } },
    axes: [
      { ...axis, values: (_, splits) => splits.map(xText) },
      { ...axis, size: 64, values: (_, splits) => splits.map((value) => format(value)) },
    ],
    series: [
      { label: "", value: (_, value) => (value === null ? "—" : xText(value)) },
      ...first.lines.map((line, index) => seriesOf(line, index, format)),
    ],
  }, aligned(first), place);

  const resized = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: plot.height }));
  resized.observe(place);
  return {
    update: (data) => plot.setData(aligned(data)),
    remove: () => {
      resized.disconnect();
      plot.destroy();
    },
  };
}

function seriesOf(line: Line, index: number, format: (value: number) => string): uPlot.Series {
  const colour = token(line.colour ?? COLOURS[index % COLOURS.length]!);
  return {
    label: line.label,
    stroke: colour,
    width: 2,
    points: { show: false },
    value: (_, value) => (value === null ? "—" : format(value)),
    ...(line.fill ? { fill: `color-mix(in srgb, ${colour} 16%, transparent)` } : {}),
    ...(line.dashed ? { dash: [6, 5] } : {}),
    ...(line.stepped ? { paths: uPlot.paths.stepped!({ align: 1 }) } : {}),
  };
}

function aligned({ x, lines }: SeriesData): AlignedData {
  return [[...x], ...lines.map(({ values }) => [...values])] as AlignedData;
}

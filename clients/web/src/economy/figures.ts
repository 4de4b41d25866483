import type { DailyActivityJson, DailyFlowJson, DailySupplyJson } from "@/contracts/ticketonomics/statistics/v1/statistics_pb";

const DAY_MS = 86_400_000;

/** The days in UTC from one to another, both included, as `2026-11-21`. */
export function daysBetween(first: string, last: string): string[] {
  const days: string[] = [];
  for (let time = Date.parse(first); time <= Date.parse(last); time += DAY_MS) days.push(dayOf(time));
  return days;
}

/** The day in UTC of a time in milliseconds. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** A window of so many days that ends with this one. */
export function windowOf(days: number, last: string): { first: string; last: string } {
  return { first: dayOf(Date.parse(last) - (days - 1) * DAY_MS), last };
}

/** What is circulating at the end of each day. A day without a row is as the one before it. */
export function circulating(rows: readonly DailySupplyJson[], days: readonly string[]): bigint[] {
  const told = new Map(rows.map((row) => [row.day, BigInt(row.circulating ?? "0")]));
  const before = rows.filter((row) => (row.day ?? "") < (days[0] ?? ""));
  let last = BigInt(before.at(-1)?.circulating ?? "0");
  return days.map((day) => (last = told.get(day) ?? last));
}

/** The days of a chart: of the window, from the first day on that there is anything to tell of. */
export function chartDays(rows: readonly { day?: string }[], first: string, last: string): string[] {
  const begun = rows[0]?.day ?? first;
  return daysBetween(begun > first ? begun : first, last);
}

/** Values of days as steps: each lasts a whole day, the last one too. */
export function asSteps(days: readonly string[], values: readonly number[]): { x: number[]; values: number[] } {
  const end = days.length ? [Date.parse(days.at(-1)!) + DAY_MS] : [];
  const x = [...days.map((day) => Date.parse(day)), ...end].map((time) => time / 1000);
  return { x, values: [...values, ...values.slice(-1)] };
}

/** What flows did in a window: of one cause, or on one day. */
export interface Sum {
  key: string;
  transactions: number;
  moved: bigint;
  minted: bigint;
  burned: bigint;
}

/** Adds flows up by their cause; a cause that names whose account it was is told apart by that, too. */
export function byCause(flows: readonly DailyFlowJson[]): Sum[] {
  const sums = addUp(flows, (flow) => [flow.kind ?? "", flow.party ?? ""].filter(Boolean).join(" "));
  const size = (sum: Sum): bigint => sum.minted + sum.burned;
  return sums.sort((a, b) => Number(size(b) - size(a) || b.moved - a.moved));
}

export function byDay(flows: readonly DailyFlowJson[], days: readonly string[]): Sum[] {
  const sums = new Map(addUp(flows, (flow) => flow.day ?? "").map((sum) => [sum.key, sum]));
  return days.map((day) => sums.get(day) ?? nothing(day));
}

function addUp(flows: readonly DailyFlowJson[], keyOf: (flow: DailyFlowJson) => string): Sum[] {
  const sums = new Map<string, Sum>();
  for (const flow of flows) {
    const key = keyOf(flow);
    const sum = sums.get(key) ?? nothing(key);
    sums.set(key, sum);
    sum.transactions += Number(flow.transactionCount ?? "0");
    sum.moved += BigInt(flow.moved ?? "0");
    sum.minted += BigInt(flow.minted ?? "0");
    sum.burned += BigInt(flow.burned ?? "0");
  }
  return [...sums.values()];
}

function nothing(key: string): Sum {
  return { key, transactions: 0, moved: 0n, minted: 0n, burned: 0n };
}

/** How many people were active on each day; nobody on days that are left out. */
export function activePeople(rows: readonly DailyActivityJson[], days: readonly string[]): number[] {
  const told = new Map(rows.map((row) => [row.day, row.activePeople ?? 0]));
  return days.map((day) => told.get(day) ?? 0);
}

/** A number for a chart: charts may round, tables do not. */
export function chartValue(minor: bigint, decimals: number): number {
  return Number(minor) / 10 ** decimals;
}

/** Parts of a million as a share from 0 to 1. */
export function shareOf(ppm: number | undefined): number {
  return (ppm ?? 0) / 1e6;
}

import type { JSX } from "preact";
import type { PageProps } from "@/router";
import { RoundPage } from "./queues/round_page";

export default function Round({ params }: PageProps): JSX.Element {
  const { id = "" } = params;
  return <RoundPage key={id} roundId={id} />;
}

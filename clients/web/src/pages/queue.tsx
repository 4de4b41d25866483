import type { JSX } from "preact";
import type { PageProps } from "@/router";
import { QueuePage } from "./queues/queue_page";

export default function Queue({ params }: PageProps): JSX.Element {
  return <QueuePage tier={params["tier"] ?? ""} size={params["size"] ?? ""} />;
}

import type { JSX } from "preact";
import type { PageProps } from "@/router";
import { Drafting } from "./parliament/drafting";
import { ProposalPage } from "./parliament/proposal_page";

/** A proposal; ids have 16 characters, so `new` is none of them. */
export default function Proposal({ params }: PageProps): JSX.Element {
  const { id = "" } = params;
  return id === "new" ? <Drafting /> : <ProposalPage key={id} proposalId={id} />;
}

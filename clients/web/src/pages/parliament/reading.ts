/** What the parliament reads, and follows: proposals, ballots, eligibility, parameters. */
import { useRef, useState } from "preact/hooks";
import type { ReadonlySignal } from "@preact/signals";
import { get, path } from "@/api";
import type { GetSupplyResponseJson } from "@/contracts/ticketonomics/ledger/v1/ledger_service_pb";
import type { ListParameterChangesResponseJson, ListParametersResponseJson } from "@/contracts/ticketonomics/parameters/v1/parameter_service_pb";
import type {
  GetBallotResponseJson,
  GetProposalResponseJson,
  ListBallotsResponseJson,
  ListProposalsResponseJson,
} from "@/contracts/ticketonomics/parliament/v1/parliament_service_pb";
import { ApiError } from "@/problems";
import { usePages, useResource, type Pages, type Resource } from "@/resources";
import { useStream, type StreamState } from "@/streams";
import { mergeProposals, type Proposals } from "./proposals";
import type { BallotJson, GetEligibilityResponseJson, ParameterJson, ParameterValueJson, ProposalJson, WatchProposalsResponseJson } from "./types";

const NONE: Proposals = new Map();

/** All proposals that run, live, and those that have ended, page by page. */
export function useProposals(): { proposals: Proposals; pages: Pages<ProposalJson>; state: ReadonlySignal<StreamState> } {
  const [live, setLive] = useState(NONE);
  const begun = useRef(false);
  const pages = usePages(
    "proposals",
    async (pageToken, signal) => {
      const found = await get<ListProposalsResponseJson>("/v1/proposals", { pageSize: 15, pageToken }, { signal });
      return { items: found.proposals, nextPageToken: found.nextPageToken };
    },
    { everyMs: 60_000 },
  );
  const state = useStream<WatchProposalsResponseJson>(
    "/v1/proposals:watch",
    {},
    {
      onMessage: ({ proposals = [] }) => {
        // After a long absence the snapshot replaces what was known: what has ended meanwhile is read by its page.
        const before = begun.current ? undefined : NONE;
        begun.current = true;
        setLive((known) => mergeProposals(before ?? known, proposals));
      },
      onResync: () => {
        begun.current = false;
        pages.reload();
      },
    },
  );
  return { proposals: mergeProposals(mergeProposals(NONE, pages.items), [...live.values()]), pages, state };
}

export interface LiveProposal extends Resource<ProposalJson> {
  state: ReadonlySignal<StreamState>;
  /** Takes the answer of a vote, which has no texts. */
  voted: (proposal: ProposalJson) => void;
}

/** One proposal, as it changes. */
export function useProposal(proposalId: string): LiveProposal {
  const [live, setLive] = useState(NONE);
  const resource = useResource(`proposals/${proposalId}`, async (signal) => {
    const { proposal = {} } = await get<GetProposalResponseJson>(path`/v1/proposals/${proposalId}`, {}, { signal });
    return proposal;
  });
  const state = useStream<WatchProposalsResponseJson>(
    "/v1/proposals:watch",
    {},
    {
      onMessage: ({ proposals = [] }) => {
        const mine = proposals.filter((proposal) => proposal.proposalId === proposalId);
        setLive((known) => mergeProposals(known, mine));
      },
      onResync: resource.reload,
    },
  );
  const told = resource.data ? [resource.data] : [];
  const merged = mergeProposals(mergeProposals(NONE, told), [...live.values()], false);
  const data = resource.data && merged.get(proposalId);
  return { ...resource, data, state, voted: (proposal) => setLive((known) => mergeProposals(known, [proposal], false)) };
}

/** A person's vote; null for none. */
export function useBallot(proposalId: string, personId: string): Resource<BallotJson | null> {
  return useResource(personId ? `ballots/${proposalId}/${personId}` : null, async (signal) => {
    try {
      return (await get<GetBallotResponseJson>(path`/v1/proposals/${proposalId}/ballots/${personId}`, {}, { signal })).ballot ?? null;
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.reason === "BALLOT_NOT_FOUND") return null;
      throw thrown;
    }
  });
}

export function useBallots(proposalId: string): Pages<BallotJson> {
  return usePages(
    `ballots/${proposalId}`,
    async (pageToken, signal) => {
      const found = await get<ListBallotsResponseJson>(path`/v1/proposals/${proposalId}/ballots`, { pageSize: 50, pageToken }, { signal });
      return { items: found.ballots, nextPageToken: found.nextPageToken };
    },
    { everyMs: 30_000 },
  );
}

/** Whether somebody may vote: on a proposal, or on one that would open now. */
export function useEligibility(personId: string, proposalId = ""): Resource<GetEligibilityResponseJson> {
  return useResource(personId ? `eligibility/${personId}/${proposalId}` : null, (signal) =>
    get<GetEligibilityResponseJson>(path`/v1/people/${personId}/eligibility`, { proposalId }, { signal }),
  );
}

/** All parameters by name. */
export function useParameters(): Resource<ReadonlyMap<string, ParameterJson>> {
  return useResource("parameters", async (signal) => {
    const { parameters } = await get<ListParametersResponseJson>("/v1/parameters", { pageSize: 1000 }, { signal });
    return new Map((parameters ?? []).map((parameter) => [parameter.name ?? "", parameter]));
  });
}

/** What a parameter was before a proposal changed it; undefined data where it did not. */
export function useValueBefore(name: string, proposalId: string, executed: boolean): Resource<ParameterValueJson | null> {
  return useResource(
    executed ? `changes/${name}/${proposalId}` : null,
    async (signal) => {
      const { changes } = await get<ListParameterChangesResponseJson>("/v1/parameterChanges", { name, pageSize: 1000 }, { signal });
      return (changes ?? []).find(({ setBy }) => setBy === `proposals/${proposalId}`)?.previousValue ?? null;
    },
    { lasting: true },
  );
}

/** How much of an asset circulates. */
export function useCirculating(asset: string): Resource<bigint> {
  return useResource(`supply/${asset}`, async (signal) => {
    const { supply } = await get<GetSupplyResponseJson>(path`/v1/supplies/${asset}`, {}, { signal });
    return BigInt(supply?.circulating ?? "0");
  });
}

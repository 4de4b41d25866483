/** Types of the contracts that the parliament uses, as JSON has them: what is zero or empty may be missing. */
export type {
  BallotJson,
  EligibilityRuleJson,
  ProposalJson,
  Ballot_ChoiceJson as Choice,
} from "@/contracts/ticketonomics/parliament/v1/proposal_pb";
export type {
  GetEligibilityResponseJson,
  WatchProposalsResponseJson,
} from "@/contracts/ticketonomics/parliament/v1/parliament_service_pb";
export type {
  ParameterJson,
  ParameterValueJson,
} from "@/contracts/ticketonomics/parameters/v1/parameter_pb";

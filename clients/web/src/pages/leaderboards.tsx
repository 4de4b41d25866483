import type { JSX } from "preact";
import { get } from "@/api";
import { Card, EmptyState, List, Page, PersonName, Tabs } from "@/components";
import type { StandingJson } from "@/contracts/ticketonomics/progression/v1/progress_pb";
import type { ListLeaderboardResponseJson } from "@/contracts/ticketonomics/progression/v1/progression_service_pb";
import { formatInteger, t } from "@/i18n";
import { formatAmount } from "@/amounts";
import { usePages } from "@/resources";
import type { PageProps } from "@/router";
import { me } from "@/session";
import "@/pages/profile/profile.css";

const BOARDS = ["experience", "wealth", "contribution", "reputation"] as const;
const PAGE = 50;

/** The first people of each board. */
export default function Leaderboards({ params }: PageProps): JSX.Element {
  const board = BOARDS.find((known) => known === params["board"]) ?? "experience";
  const pages = usePages<StandingJson>(`board ${board}`, async (pageToken, signal) => {
    const page = await get<ListLeaderboardResponseJson>(`/v1/leaderboards/BOARD_${board.toUpperCase()}`, { pageSize: PAGE, pageToken }, { signal });
    return { items: page.standings, nextPageToken: page.nextPageToken };
  });
  return (
    <Page title={t("nav-leaderboards")} lead={t(`board-${board}-what`)}>
      <Tabs label={t("nav-leaderboards")} current={`/leaderboards/${board}`} tabs={BOARDS.map((one) => ({ href: `/leaderboards/${one}`, label: t(`board-${one}`) }))} />
      <Card>
        <List pages={pages} keyOf={({ personId }) => personId ?? ""} empty={<EmptyState title={t("board-empty")} />}>
          {(standing) => <Line standing={standing} board={board} />}
        </List>
      </Card>
    </Page>
  );
}

function Line({ standing, board }: { standing: StandingJson; board: (typeof BOARDS)[number] }): JSX.Element {
  const { rank = "0", personId, value = "0", level } = standing;
  const mine = personId === me.value?.personId;
  return (
    <div class={`board ${Number(rank) <= 3 ? "board-first" : ""} ${mine ? "board-me" : ""}`}>
      <span class="board-rank">{rank}</span>
      <PersonName personId={personId} />
      <span class="board-value">
        {board === "wealth" ? bronze(value) : formatInteger(BigInt(value.split(".")[0] ?? "0"))}
        {board === "experience" && level && <small> · {t("profile-level", { level: Number(level) })}</small>}
      </span>
    </div>
  );
}

/** A decimal number such as `1204.05`, in the page's language. */
function bronze(value: string): string {
  const [whole = "0", fraction = ""] = value.split(".");
  return formatAmount(whole + fraction.padEnd(2, "0").slice(0, 2), 2);
}

import type { BlockJson } from "@/contracts/ticketonomics/ledger/v1/block_pb";
import { t } from "@/i18n";

/** The parts of the explorer. */
export function explorerTabs(): { href: string; label: string }[] {
  return [
    { href: "/explorer", label: t("explorer-tab-live") },
    { href: "/explorer/assets", label: t("explorer-tab-assets") },
  ];
}

/** How many entries a block has. */
export function entryCount(block: BlockJson): number {
  return Number(BigInt(block.lastSequence ?? "0") - BigInt(block.firstSequence ?? "0")) + 1;
}

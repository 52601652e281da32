import type { AuditItem, VerificationReport } from "@/api/types";

export interface ChainBlock {
  sequence: number;
  /** Null: an entry that should be here and is not. */
  item: AuditItem | null;
  /** The verdicts about this entry. */
  verdicts: string[];
  /** Whether it follows from the one before as it should. */
  linked: boolean;
}

/** Where the picture looks: at the first place that is wrong, else at the end. */
export function placeOfInterest(report: VerificationReport | undefined): number | null {
  if (!report || report.valid || report.findings.length === 0) return null;
  return Math.min(...report.findings.map(finding => finding.first_sequence));
}

/** How many entries that were cut off are drawn after the end, at most. */
const GHOSTS = 2;

/** The blocks of the picture, oldest first, with what the verification said of each; entries that were cut off the end among them. */
export function blocksOf(items: readonly AuditItem[], report: VerificationReport | undefined): ChainBlock[] {
  const bySequence = new Map(items.map(item => [item.sequence, item]));
  const sequences = [...bySequence.keys()].sort((a, b) => a - b);
  if (sequences.length === 0) return [];
  const verdictsAt = (sequence: number) => (report?.findings ?? []).filter(finding => finding.first_sequence === sequence).map(finding => finding.verdict);
  const blocks: ChainBlock[] = [];
  const cut = report?.findings.find(finding => finding.verdict === "truncated");
  const end = sequences.at(-1)!;
  const last = cut?.first_sequence === end + 1 ? end + Math.min(GHOSTS, cut.count) : end;
  for (let sequence = sequences[0]!; sequence <= last; sequence++) {
    const item = bySequence.get(sequence) ?? null;
    const verdicts = verdictsAt(sequence);
    const before = blocks.at(-1);
    blocks.push({ sequence, item, verdicts, linked: !verdicts.includes("broken_link") && item !== null && before?.item !== null });
  }

  return blocks;
}

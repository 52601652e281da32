import { findAuditItem, getProof, getPublicKey, verifyAudit } from "@/api/endpoints";
import { Problem } from "@/api/problem";
import type { VerificationReport } from "@/api/types";
import type { CheckedProof } from "@/proof/proof";
import type { Turn } from "./conversation";

export type Receipt = NonNullable<Turn["receipt"]>;

export interface ReceiptCheck {
  /** What this browser proved by itself, with the text of the proof. */
  proven?: CheckedProof & { text: string };
  /** What does not hold. */
  disproved?: string;
  /** Why nothing could be proven here, which says nothing against the entry. */
  unproven?: "insecure" | "off";
  /** The server's own recomputation of the whole chain, for those who may ask for it. */
  report?: VerificationReport;
  /** Whether the log lists the entry under its number, with the receipt's hash. */
  listed?: boolean;
  hash?: string;
}

/** Checks a receipt: by its proof, here in the browser, and for readers of the log by recomputing the chain as well. */
export async function checkReceipt(receipt: Receipt, organization: string, mayRead: boolean): Promise<ReceiptCheck> {
  const check = await prove(receipt, organization);
  if (!mayRead || check.disproved !== undefined) return check;
  const item = await findAuditItem(receipt.sequence);
  const listed = item?.id === receipt.id && (receipt.entry_hash === undefined || item.entry_hash === receipt.entry_hash);
  return { ...check, listed, hash: check.hash ?? (listed ? item?.entry_hash : undefined), report: await verifyAudit(() => undefined) };
}

async function prove(receipt: Receipt, organization: string): Promise<ReceiptCheck> {
  const { canCheckHere, checkProof, ProofError } = await import("@/proof/proof");
  if (!canCheckHere()) return { unproven: "insecure" };
  try {
    const [text, keys] = await Promise.all([getProof(receipt.id), getPublicKey()]);
    const proven = await checkProof(text, keys, receipt, organization);
    return { proven: { ...proven, text }, hash: proven.entryHash };
  } catch (failure) {
    if (failure instanceof ProofError) return { disproved: failure.message };
    // The server itself found that the entry is not what it signed.
    if (failure instanceof Problem && failure.status === 500) return { disproved: failure.title };
    if (failure instanceof Problem && failure.status === 404) return { unproven: "off" };
    throw failure;
  }
}

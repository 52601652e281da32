"use client";

import type { Finding } from "@/api/types";

/** What a finding is called: the server's kinds are words already, joined by underscores. */
export function useFindingNames(): (finding: Finding) => string {
  return nameOfFinding;
}

export function nameOfFinding(finding: Finding): string {
  const kind = (finding.ground ?? finding.type).replaceAll("_", " ");
  return finding.country ? `${kind} (${finding.country})` : kind;
}

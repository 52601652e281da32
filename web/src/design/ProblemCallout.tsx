"use client";

import type { ReactNode } from "react";
import { Problem } from "@/api/problem";
import { useTranslation } from "@/i18n";
import { Callout } from "./surfaces";

/** A failure, in the server's words where it had any; field errors are shown at their fields and not here. */
export function ProblemCallout({ problem, actions }: { problem: unknown; actions?: ReactNode }) {
  const { t } = useTranslation();
  if (!problem) return null;
  const known = problem instanceof Problem ? problem : null;
  const offline = known?.status === 0;
  return (
    <Callout tone="bad" live title={offline ? t("problem.offline.title") : known?.title || t("problem.unknown")} actions={actions}>
      <span>{offline ? t("problem.offline.text") : known?.detail}</span>
      {known?.retryAfter != null && <span>{t("problem.wait", { seconds: known.retryAfter })}</span>}
    </Callout>
  );
}

/** What the server said of a field; empty when nothing. */
export const fieldErrors = (problem: unknown, field: string): readonly string[] => (problem instanceof Problem && problem.errors[field]) || [];

/** Whether all that is wrong is said at fields. */
export const isFieldProblem = (problem: unknown, fields: readonly string[]): boolean =>
  problem instanceof Problem && problem.status === 400 && Object.keys(problem.errors).length > 0 && Object.keys(problem.errors).every(field => fields.includes(field));

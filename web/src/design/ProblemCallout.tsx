"use client";

import { useState, type ReactNode } from "react";
import { Problem } from "@/api/problem";
import { useTranslation } from "@/i18n";
import { Callout } from "./surfaces";
import { useNow } from "./useNow";

/** A failure, in the server's words where it had any; field errors are shown at their fields and not here. */
export function ProblemCallout({ problem, actions }: { problem: unknown; actions?: ReactNode }) {
  const { t } = useTranslation();
  if (!problem) return null;
  const known = problem instanceof Problem ? problem : null;
  const offline = known?.status === 0;
  const busy = known?.status === 429 || known?.status === 503;
  const title = offline ? t("problem.offline.title") : known?.title || (busy ? t(known.status === 429 ? "problem.429.title" : "problem.503.title") : t("problem.unknown"));
  return (
    <Callout tone={busy ? "warn" : "bad"} live title={title} actions={actions}>
      <span>{offline ? t("problem.offline.text") : known?.detail || (busy ? t("problem.later") : "")}</span>
      {known?.retryAfter != null && <Wait key={known.retryAfter} problem={known} />}
    </Callout>
  );
}

/** Counts down what the server asked one to wait. */
function Wait({ problem }: { problem: Problem }) {
  const { t, amount } = useTranslation();
  const now = useNow(1_000);
  const [from] = useState(() => Date.now());
  const left = Math.max(0, Math.ceil((problem.retryAfter! * 1_000 - (now - from)) / 1_000));
  // Read out once, not each second.
  return left > 0
    ? <><span aria-hidden="true">{t("problem.wait", { time: amount(...roughly(left)) })}</span><span className="hidden-visually">{t("problem.wait", { time: amount(...roughly(problem.retryAfter!)) })}</span></>
    : <span>{t("problem.now")}</span>;
}

/** Seconds in the unit that people would use. */
const roughly = (seconds: number): [count: number, unit: "second" | "minute" | "hour"] =>
  seconds < 120 ? [seconds, "second"] : seconds < 7_200 ? [Math.ceil(seconds / 60), "minute"] : [Math.ceil(seconds / 3_600), "hour"];

/** What the server said of a field; empty when nothing. */
export const fieldErrors = (problem: unknown, field: string): readonly string[] => (problem instanceof Problem && problem.errors[field]) || [];

/** Whether all that is wrong is said at fields. */
export const isFieldProblem = (problem: unknown, fields: readonly string[]): boolean =>
  problem instanceof Problem && problem.status === 400 && Object.keys(problem.errors).length > 0 && Object.keys(problem.errors).every(field => fields.includes(field));

"use client";

import type { ComplianceReport, Finding } from "@/api/types";
import { Badge, Row } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { useFindingNames } from "./findingNames";

/** What the checks found in a message or its answer, in words: the marks in the text show where. */
export function Flags({ report, of }: { report: ComplianceReport; of: "message" | "answer" }) {
  const { t } = useTranslation();
  const nameOf = useFindingNames();
  const kinds = (findings: Finding[]) => [...new Set(findings.map(nameOf))].join(", ");
  const { pii, injection, bias } = report;
  const flags = of === "message"
    ? [
        pii.input.length > 0 && <Badge key="pii" tone="note" icon="user">{t("chat.flag.pii", { kinds: kinds(pii.input) })}</Badge>,
        injection.input.length > 0 && <Badge key="injection" tone="bad" icon="alert">{t("chat.flag.injection", { kinds: kinds(injection.input) })}</Badge>,
      ]
    : [
        pii.output.length > 0 && <Badge key="pii" tone="note" icon="user">{t("chat.flag.piiOutput", { kinds: kinds(pii.output) })}</Badge>,
        injection.sources.length > 0 && <Badge key="injection" tone="bad" icon="alert">{t("chat.flag.injectionSources", { kinds: kinds(injection.sources) })}</Badge>,
        bias.length > 0 && <Badge key="bias" tone="bad" icon="alert">{t("chat.flag.bias", { kinds: kinds(bias) })}</Badge>,
      ];
  return flags.some(Boolean) ? <Row>{flags}</Row> : null;
}

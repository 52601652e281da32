"use client";

import { useMutation } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { openIncidentReport } from "@/api/endpoints";
import { save } from "@/api/save";
import type { Incident } from "@/api/types";
import { Button } from "@/design/controls";
import { Section } from "@/design/Page";
import { ProblemCallout } from "@/design/ProblemCallout";
import { Dialog, Row } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { Markdown } from "@/markdown/Markdown";
import { parseMarkdown } from "@/markdown/parse";
import styles from "./Incidents.module.css";

/** A draft of the report to the authority, made of what the register and the log hold: to be read here or taken away. */
export function ReportDraft({ incident }: { incident: Incident }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const preview = useMutation({ mutationFn: async () => (await openIncidentReport(incident.id, "md")).text() });
  const download = useMutation({ mutationFn: async (format: "md" | "html") => save(await openIncidentReport(incident.id, format), `incident-${incident.id}.${format}`) });
  const blocks = useMemo(() => parseMarkdown(preview.data ?? ""), [preview.data]);
  return (
    <Section title={t("incidents.draft")} text={t("incidents.draft.text")}>
      <Row>
        <Button icon="audit" busy={preview.isPending} onClick={() => preview.mutate(undefined, { onSuccess: () => setOpen(true) })}>{t("incidents.draft.preview")}</Button>
        <Button icon="download" aria-label={t("incidents.draft.md")} busy={download.isPending && download.variables === "md"} onClick={() => download.mutate("md")}>Markdown</Button>
        <Button icon="download" aria-label={t("incidents.draft.html")} busy={download.isPending && download.variables === "html"} onClick={() => download.mutate("html")}>HTML</Button>
      </Row>
      <ProblemCallout problem={preview.error ?? download.error} />
      <Dialog open={open} side="end" title={t("incidents.draft")} closeName={t("app.close")} onClose={() => setOpen(false)}>
        <div className={styles.draft}><Markdown blocks={blocks} /></div>
      </Dialog>
    </Section>
  );
}

"use client";

import { useMutation } from "@tanstack/react-query";
import { saveText } from "@/api/save";
import { Button } from "@/design/controls";
import { CopyButton } from "@/design/CopyButton";
import { Icon } from "@/design/Icon";
import { ProblemCallout } from "@/design/ProblemCallout";
import { Callout } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { useUser } from "@/session/useSession";
import { checkReceipt, type Receipt, type ReceiptCheck } from "./checkReceipt";
import styles from "./ReceiptView.module.css";

/** Where the turn stands in the log, and the button that proves it. */
export function ReceiptView({ receipt }: { receipt: Receipt }) {
  const { t, number } = useTranslation();
  const user = useUser();
  const check = useMutation({ mutationFn: () => checkReceipt(receipt, user.organization_id, user.user_role !== "member") });
  const hash = receipt.entry_hash ?? check.data?.hash;
  return (
    <div className={styles.receipt}>
      <div className={styles.line}>
        <span className={styles.entry}><Icon name="receipt" />{t("chat.receipt", { sequence: number(receipt.sequence) })}</span>
        {hash && <><code className={styles.hash} title={`${t("chat.receipt.hash")}: ${hash}`}>{hash.slice(0, 12)}…</code><CopyButton name={`${t("app.copy")}: ${t("chat.receipt.hash")}`} text={hash} /></>}
        <Button look="quiet" small icon="shield" busy={check.isPending} onClick={() => check.mutate()}>{t("chat.receipt.check")}</Button>
      </div>
      <ProblemCallout problem={check.error} />
      {check.data && !check.isPending && <Outcome receipt={receipt} check={check.data} />}
    </div>
  );
}

function Outcome({ receipt, check }: { receipt: Receipt; check: ReceiptCheck }) {
  const { t, number } = useTranslation();
  const { proven, report } = check;
  const sequence = number(receipt.sequence);
  if (check.disproved !== undefined) return <Callout tone="bad" live title={t("chat.receipt.disproved")}>{t("chat.receipt.disproved.text", { reason: check.disproved })}</Callout>;
  if (check.listed === false) return <Callout tone="bad" live>{t("chat.receipt.differs")}</Callout>;
  if (report && !report.valid) return <Callout tone="bad" live>{t("chat.receipt.broken")}</Callout>;
  const why = check.unproven === "insecure" ? t("chat.receipt.insecure") : check.unproven === "off" ? t("chat.receipt.off") : "";
  if (!proven && !report) return <Callout tone="note" live>{why} {t("chat.receipt.keep")}</Callout>;
  return (
    <Callout
      tone="good" live title={t(proven ? "chat.receipt.proven" : "chat.receipt.listed")}
      actions={proven && <Button small icon="download" onClick={() => saveText(proven.text, `${receipt.id}.tlog-proof`)}>{t("chat.receipt.download")}</Button>}
    >
      {proven && <span>{t("chat.receipt.proven.text", { sequence, size: number(proven.treeSize), steps: number(proven.steps), key: proven.keyId })}</span>}
      {report && <span>{t(receipt.entry_hash || proven ? "chat.receipt.good" : "chat.receipt.noHash", { sequence, rows: number(report.rows) })}</span>}
      {why && <span>{why}</span>}
    </Callout>
  );
}

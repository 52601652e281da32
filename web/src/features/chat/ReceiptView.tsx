"use client";

import { useMutation } from "@tanstack/react-query";
import { findAuditItem, verifyAudit } from "@/api/endpoints";
import { Button } from "@/design/controls";
import { CopyButton } from "@/design/CopyButton";
import { Icon } from "@/design/Icon";
import { ProblemCallout } from "@/design/ProblemCallout";
import { Callout } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { useUser } from "@/session/useSession";
import type { Turn } from "./conversation";
import styles from "./ReceiptView.module.css";

type Receipt = NonNullable<Turn["receipt"]>;

/** Where the turn stands in the log. Checking looks it up there anew, and has the server recompute the whole chain. */
export function ReceiptView({ receipt }: { receipt: Receipt }) {
  const { t, number } = useTranslation();
  const mayRead = useUser().user_role !== "member";
  const check = useMutation({
    mutationFn: async () => {
      const item = await findAuditItem(receipt.sequence);
      const same = item?.id === receipt.id && (receipt.entry_hash === undefined || item.entry_hash === receipt.entry_hash);
      return { same, hash: item?.entry_hash, report: await verifyAudit() };
    },
  });
  const hash = receipt.entry_hash ?? (check.data?.same ? check.data.hash : undefined);
  const sequence = number(receipt.sequence);
  return (
    <div className={styles.receipt}>
      <div className={styles.line}>
        <span className={styles.entry}><Icon name="receipt" />{t("chat.receipt", { sequence })}</span>
        {hash && <><code className={styles.hash} title={`${t("chat.receipt.hash")}: ${hash}`}>{hash.slice(0, 12)}…</code><CopyButton name={`${t("app.copy")}: ${t("chat.receipt.hash")}`} text={hash} /></>}
        {mayRead && <Button look="quiet" small icon="shield" busy={check.isPending} onClick={() => check.mutate()}>{t("chat.receipt.check")}</Button>}
      </div>
      {!mayRead && <p className={styles.member}>{t("chat.receipt.member")}</p>}
      <ProblemCallout problem={check.error} />
      {check.data && !check.isPending && (
        check.data.same && check.data.report.valid
          ? <Callout tone="good" live>{t(receipt.entry_hash ? "chat.receipt.good" : "chat.receipt.noHash", { sequence, rows: number(check.data.report.rows) })}</Callout>
          : <Callout tone="bad" live>{t(check.data.same ? "chat.receipt.broken" : "chat.receipt.differs")}</Callout>
      )}
    </div>
  );
}

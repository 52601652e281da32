"use client";

import { Checkbox } from "@/design/controls";
import { Dialog } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import styles from "./Oversight.module.css";

const rows = [
  [["j", "↓"], "oversight.key.next"], [["k", "↑"], "oversight.key.previous"], [["Enter"], "oversight.key.open"],
  [["a"], "oversight.key.approve"], [["o"], "oversight.key.override"], [["e"], "oversight.key.escalate"], [["d"], "oversight.key.dismiss"],
  [["Ctrl", "Enter"], "oversight.key.record"], [["Esc"], "oversight.key.close"], [["?"], "oversight.key.help"],
] as const;

/** The keys of this page, and whether single letters count at all: some people's input sends them by accident. */
export function Keys({ open, letters, onLetters, onClose }: { open: boolean; letters: boolean; onLetters: (on: boolean) => void; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog open={open} title={t("oversight.keys")} closeName={t("app.close")} onClose={onClose}>
      <dl className={styles.keys}>
        {rows.map(([keys, name]) => <div key={name}><dt>{keys.map(key => <kbd key={key}>{key}</kbd>)}</dt><dd>{t(name)}</dd></div>)}
      </dl>
      <Checkbox label={t("oversight.keys.letters")} hint={t("oversight.keys.letters.hint")} checked={letters} onChange={event => onLetters(event.target.checked)} />
    </Dialog>
  );
}

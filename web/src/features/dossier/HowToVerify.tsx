"use client";

import { useMutation } from "@tanstack/react-query";
import { getPublicKey } from "@/api/endpoints";
import { saveText } from "@/api/save";
import { Button } from "@/design/controls";
import { CopyButton } from "@/design/CopyButton";
import { Section } from "@/design/Page";
import { ProblemCallout } from "@/design/ProblemCallout";
import { useTranslation } from "@/i18n";
import styles from "./Dossier.module.css";

/** What a regulator does with the file, with or without this product. */
export function HowToVerify() {
  const { t } = useTranslation();
  const key = useMutation({ mutationFn: async () => saveText(await getPublicKey(), "lexcustis-checkpoint-key.pem", "application/x-pem-file") });
  return (
    <Section
      title={t("dossier.verify")} text={t("dossier.verify.text")}
      actions={<Button small icon="download" busy={key.isPending} onClick={() => key.mutate()}>{t("audit.checkpoint.key")}</Button>}
    >
      <ProblemCallout problem={key.error} />
      <ol className={styles.steps}>
        <li>{t("dossier.verify.product")}<Command text="lexcustis verify-dossier dossier.zip --public-key lexcustis-checkpoint-key.pem" /></li>
        <li>{t("dossier.verify.script")}<Command text={"unzip -p dossier.zip verify.py > verify.py\npython3 verify.py dossier.zip --public-key lexcustis-checkpoint-key.pem"} /></li>
      </ol>
    </Section>
  );
}

function Command({ text }: { text: string }) {
  const { t } = useTranslation();
  return <span className={styles.command}><code>{text}</code><CopyButton name={`${t("app.copy")}: ${text.split("\n").at(-1)!}`} text={text} /></span>;
}

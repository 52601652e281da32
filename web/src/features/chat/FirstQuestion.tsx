"use client";

import { useQuery } from "@tanstack/react-query";
import { hasDocuments } from "@/api/endpoints";
import { ButtonLink } from "@/design/controls";
import { Icon } from "@/design/Icon";
import { useTranslation } from "@/i18n";
import { useUser } from "@/session/useSession";
import styles from "./FirstQuestion.module.css";

const questions = ["chat.first.ask1", "chat.first.ask2", "chat.first.ask3", "chat.first.ask4"] as const;

/**
 * What an empty conversation shows: the way to a first document, where there is none, and questions that the shared
 * knowledge base answers, so that the first answer is one click away.
 */
export function FirstQuestion({ onAsk }: { onAsk: (message: string) => void }) {
  const { t } = useTranslation();
  const { user_role } = useUser();
  const mayAdd = user_role === "admin" || user_role === "member";
  // Nothing is promised or missed when it can't be told: the questions below are enough then.
  const documents = useQuery({ queryKey: ["documents", "any"], queryFn: ({ signal }) => hasDocuments(signal), enabled: mayAdd, staleTime: 60_000 });
  const empty = documents.data === false;
  return (
    <div className={styles.first}>
      <div className={styles.words}>
        <h2>{t("chat.first.title")}</h2>
        <p>{t("chat.first.text")}</p>
      </div>
      {empty && (
        <section className={styles.documents} aria-labelledby="first-documents">
          <div>
            <h3 id="first-documents">{t("chat.first.documents")}</h3>
            <p>{t("chat.first.documents.text")}</p>
          </div>
          <ButtonLink href="/documents" look="primary" icon="upload">{t("chat.first.documents.add")}</ButtonLink>
        </section>
      )}
      {empty && <p className={styles.or}>{t("chat.first.or")}</p>}
      <ul role="list" className={styles.questions}>
        {questions.map(key => (
          <li key={key}><button type="button" onClick={() => onAsk(t(key))}>{t(key)}<Icon name="chevron" /></button></li>
        ))}
      </ul>
    </div>
  );
}

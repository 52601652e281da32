"use client";

import { Icon } from "@/design/Icon";
import { useTranslation } from "@/i18n";
import styles from "./FirstQuestion.module.css";

const questions = ["chat.first.ask1", "chat.first.ask2", "chat.first.ask3", "chat.first.ask4"] as const;

/** What an empty conversation shows: questions that the shared knowledge base answers, so that the first answer is one click away. */
export function FirstQuestion({ onAsk }: { onAsk: (message: string) => void }) {
  const { t } = useTranslation();
  return (
    <div className={styles.first}>
      <div className={styles.words}>
        <h2>{t("chat.first.title")}</h2>
        <p>{t("chat.first.text")}</p>
      </div>
      <ul role="list" className={styles.questions}>
        {questions.map(key => (
          <li key={key}><button type="button" onClick={() => onAsk(t(key))}>{t(key)}<Icon name="chevron" /></button></li>
        ))}
      </ul>
    </div>
  );
}

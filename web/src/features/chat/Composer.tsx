"use client";

import { useEffect, useRef, useState } from "react";
import { Button } from "@/design/controls";
import { useTranslation } from "@/i18n";
import styles from "./Composer.module.css";

const MAXIMUM_LENGTH = 100_000;

/** Where one writes. What is typed while an answer comes is kept for after it. */
export function Composer({ busy, onSend, onStop, autoFocusKey }: { busy: boolean; onSend: (message: string) => void; onStop: () => void; autoFocusKey: string }) {
  const { t } = useTranslation();
  const [message, setMessage] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);

  // A phone's keyboard would cover the page: there it comes when asked for.
  useEffect(() => {
    if (matchMedia("(pointer: fine)").matches) field.current?.focus({ preventScroll: true });
  }, [autoFocusKey]);

  const send = () => {
    if (busy || message.trim() === "") return;
    onSend(message);
    setMessage("");
  };
  return (
    <form
      className={styles.composer}
      onSubmit={event => {
        event.preventDefault();
        send();
      }}
    >
      <div className={styles.box}>
        <div className={styles.grow} data-text={message}>
          <textarea
            ref={field} aria-label={t("chat.message")} placeholder={t("chat.placeholder")} aria-describedby="composer-hint" rows={1} maxLength={MAXIMUM_LENGTH} value={message}
            onChange={event => setMessage(event.target.value)}
            onKeyDown={event => {
              // While an input method composes a character, Enter belongs to it.
              if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
                event.preventDefault();
                send();
              }
            }}
          />
        </div>
        {busy
          ? <Button icon="stop" onClick={onStop}>{t("chat.stop")}</Button>
          : <Button type="submit" look="primary" icon="arrowUp" aria-disabled={message.trim() === "" || undefined}>{t("chat.send")}</Button>}
      </div>
      <p className={styles.hint}><span>{t("chat.notice")}</span> <span id="composer-hint" className={styles.keys}>{t("chat.hint")}</span></p>
    </form>
  );
}

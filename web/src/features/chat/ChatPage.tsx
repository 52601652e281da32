"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useRouter, useSearchParams } from "next/navigation";
import { useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";
import { getConversation } from "@/api/endpoints";
import { Button, IconButton, Spinner } from "@/design/controls";
import { ProblemCallout } from "@/design/ProblemCallout";
import { Dialog } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { Composer } from "./Composer";
import { newConversation, openConversation, whenBegun } from "./conversations";
import { FirstQuestion } from "./FirstQuestion";
import { History } from "./History";
import styles from "./ChatPage.module.css";

// Fetched as soon as the page is there: whoever types needs it only when they have sent.
const loadTurnView = () => import("./TurnView").then(({ TurnView }) => TurnView);
const TurnView = dynamic(loadTurnView, { ssr: false });

export function ChatPage() {
  const id = useSearchParams().get("c");
  const { t } = useTranslation();
  const router = useRouter();
  const queries = useQueryClient();
  const [fresh, setFresh] = useState(newConversation);
  const [historyOpen, setHistoryOpen] = useState(false);
  // A new conversation keeps its state when it gets its id, and with it its address.
  const state = id === null || fresh.id === id ? fresh : openConversation(id);
  const turns = useSyncExternalStore(state.subscribe, state.getTurns, state.getTurns);

  useEffect(() => void loadTurnView().catch(() => undefined), []);
  useEffect(() => whenBegun(begun => {
    history.replaceState(null, "", `/chat?c=${begun}`);
    void queries.invalidateQueries({ queryKey: ["conversations"] });
  }), [queries]);

  const stored = useQuery({
    queryKey: ["conversation", id],
    queryFn: ({ signal }) => getConversation(id!, signal),
    // Asked again when one comes back to the page: a reviewer may have corrected an answer since.
    enabled: id !== null && !state.isBusy && !state.gone,
    staleTime: 60_000,
    gcTime: 0,
  });
  useEffect(() => {
    if (stored.data?.id === state.id) state.load(stored.data);
  }, [stored.data, state]);

  const begin = () => {
    setFresh(newConversation());
    setHistoryOpen(false);
    router.push("/chat");
  };
  const send = (message: string, useDocuments = true) => {
    void state.send(message, useDocuments).finally(() => queries.invalidateQueries({ queryKey: ["conversations"] }));
  };

  const end = useFollowedEnd(turns);
  const last = turns.at(-1);
  const history_ = <History current={state.id} onChosen={() => setHistoryOpen(false)} onNew={begin} onDeleted={begin} />;
  return (
    <div className={styles.page}>
      <aside className={styles.history} aria-label={t("chat.history")}>{history_}</aside>
      <Dialog open={historyOpen} side="start" title={t("chat.history")} closeName={t("app.close")} onClose={() => setHistoryOpen(false)}>{history_}</Dialog>
      <section className={styles.conversation} aria-labelledby="chat-title">
        <h1 id="chat-title" className="hidden-visually">{t("page.chat")}</h1>
        <div className={styles.head}>
          <Button look="quiet" small icon="clock" onClick={() => setHistoryOpen(true)}>{t("chat.history")}</Button>
          <IconButton name={t("chat.new")} icon="plus" small onClick={begin} />
        </div>
        <div className={styles.turns}>
          {id !== null && stored.isPending && turns.length === 0 && stored.fetchStatus !== "idle" && <div className={styles.loading}><Spinner /></div>}
          {turns.length === 0 && <ProblemCallout problem={stored.error} />}
          {turns.length === 0 && id === null && <FirstQuestion onAsk={send} />}
          {turns.map(turn => (
            <TurnView
              key={turn.key} turn={turn}
              onAgain={turn === last && !state.isBusy ? () => {
                // What never began is not asked twice: the new attempt stands in its place.
                if (turn.state === "failed" && !turn.receipt) state.forget(turn.key);
                send(turn.message);
              } : undefined}
            />
          ))}
          <div ref={end} />
        </div>
        <Composer busy={state.isBusy} onSend={send} onStop={() => state.stop()} autoFocusKey={state.id ?? "new"} />
      </section>
    </div>
  );
}

/** Keeps the end in view while an answer grows, unless its reader has scrolled away from it. */
function useFollowedEnd(turns: readonly unknown[]) {
  const end = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const count = useRef(0);
  useEffect(() => {
    const look = () => {
      const page = document.documentElement;
      follows.current = page.scrollHeight - page.scrollTop - page.clientHeight < 120;
    };
    addEventListener("scroll", look, { passive: true });
    return () => removeEventListener("scroll", look);
  }, []);
  useLayoutEffect(() => {
    if (turns.length > count.current || (turns.length > 0 && follows.current)) {
      scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
    }

    count.current = turns.length;
  }, [turns]);
  return end;
}

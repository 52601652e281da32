"use client";

import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { deleteConversation, listConversations } from "@/api/endpoints";
import type { ConversationSummary } from "@/api/types";
import { Button, IconButton } from "@/design/controls";
import { ProblemCallout } from "@/design/ProblemCallout";
import { Actions, Dialog } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { closeConversation } from "./conversations";
import styles from "./History.module.css";

/** One's own conversations, newest first. */
export function History({ current, onChosen, onNew, onDeleted }: { current: string | null; onChosen: () => void; onNew: () => void; onDeleted: () => void }) {
  const { t, time } = useTranslation();
  const queries = useQueryClient();
  const [leaving, setLeaving] = useState<ConversationSummary | null>(null);
  const list = useInfiniteQuery({
    queryKey: ["conversations"],
    queryFn: ({ pageParam, signal }) => listConversations(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: page => page.next_cursor,
  });
  const removal = useMutation({
    mutationFn: (conversation: ConversationSummary) => deleteConversation(conversation.id),
    onSuccess: (_, conversation) => {
      closeConversation(conversation.id);
      setLeaving(null);
      void queries.invalidateQueries({ queryKey: ["conversations"] });
      if (conversation.id === current) onDeleted();
    },
  });
  const conversations = list.data?.pages.flatMap(page => page.items) ?? [];
  return (
    <div className={styles.history}>
      <Button icon="plus" wide onClick={onNew}>{t("chat.new")}</Button>
      <ProblemCallout problem={list.error} />
      {list.isSuccess && conversations.length === 0 && <p className={styles.none}>{t("chat.history.empty")}</p>}
      <ul role="list">
        {conversations.map(conversation => (
          <li key={conversation.id} className={styles.item}>
            <Link href={`/chat?c=${conversation.id}`} prefetch={false} aria-current={conversation.id === current ? "page" : undefined} title={time(conversation.updated_at)} onClick={onChosen}>
              {conversation.title || t("chat.untitled")}
            </Link>
            <IconButton name={t("chat.delete")} icon="trash" small onClick={() => setLeaving(conversation)} />
          </li>
        ))}
      </ul>
      {list.hasNextPage && <Button look="quiet" small busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t("app.more")}</Button>}
      <Dialog open={leaving !== null} title={t("chat.delete.title")} closeName={t("app.close")} onClose={() => setLeaving(null)}>
        <p>{t("chat.delete.text")}</p>
        <ProblemCallout problem={removal.error} />
        <Actions>
          <Button onClick={() => setLeaving(null)}>{t("app.cancel")}</Button>
          <Button look="danger" busy={removal.isPending} onClick={() => leaving && removal.mutate(leaving)}>{t("chat.delete.confirm")}</Button>
        </Actions>
      </Dialog>
    </div>
  );
}

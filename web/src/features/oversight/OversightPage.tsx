"use client";

import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useRouter, useSearchParams } from "next/navigation";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { getOrganization, listOversight, type OversightStatus } from "@/api/endpoints";
import type { Flag } from "@/api/types";
import { Button, FilterSelect, Spinner } from "@/design/controls";
import { Page } from "@/design/Page";
import { ProblemCallout } from "@/design/ProblemCallout";
import { Empty } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { flagName, flags } from "@/i18n/events";
import { useUser } from "@/session/useSession";
import { commandOf, decisions, isTyping, keepLetters, readLetters, type Decision } from "./keys";
import { Keys } from "./Keys";
import { Queue } from "./Queue";
import { Suspension } from "./Suspension";
import styles from "./Oversight.module.css";

// The queue comes first: a turn and its form are fetched when one is opened.
const TurnReview = dynamic(() => import("./TurnReview").then(({ TurnReview }) => TurnReview), { ssr: false, loading: () => <Spinner /> });

/** The queue, and beside it the turn that is being reviewed: `/oversight?turn=…`. */
export function OversightPage() {
  const words = useTranslation();
  const { t, number } = words;
  const router = useRouter();
  const queries = useQueryClient();
  const user = useUser();
  const id = useSearchParams().get("turn");
  const [status, setStatus] = useState<OversightStatus | "">("pending");
  const [reason, setReason] = useState<Flag | "">("");
  const [active, setActive] = useState(0);
  const [asked, setAsked] = useState<{ decision: Decision } | null>(null);
  const [helping, setHelping] = useState(false);
  const [letters, setLetters] = useState(true);
  const queue = useRef<HTMLDivElement>(null);
  useEffect(() => setLetters(readLetters()), []);

  const organization = useQuery({ queryKey: ["organization"], queryFn: ({ signal }) => getOrganization(signal) });
  const list = useInfiniteQuery({
    queryKey: ["oversight", status, reason],
    queryFn: ({ pageParam, signal }) => listOversight(status === "" ? null : status, reason === "" ? null : reason, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: page => page.next_cursor,
  });
  const items = useMemo(() => list.data?.pages.flatMap(page => page.items) ?? [], [list.data]);
  const { hasNextPage, isFetching, fetchNextPage } = list;
  useEffect(() => {
    if (active > items.length - 5 && hasNextPage && !isFetching) void fetchNextPage();
  }, [items.length, active, hasNextPage, isFetching, fetchNextPage]);

  const at = Math.min(active, Math.max(0, items.length - 1));
  const open = (turn: string) => {
    setAsked(null);
    router.push(`/oversight?turn=${turn}`, { scroll: false });
  };
  const close = () => {
    setAsked(null);
    router.push("/oversight", { scroll: false });
    queue.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const command = commandOf(event, isTyping(event.target), letters);
    const inQueue = queue.current?.contains(event.target as Node) ?? false;
    // The arrows and Enter belong to whatever has the focus, except in the queue.
    if (command === undefined || (!inQueue && (event.key.startsWith("Arrow") || ["Enter", "Home", "End"].includes(event.key)))) return;
    if (command === "help") setHelping(true);
    else if (command === "close") {
      if (!id) return;
      close();
    } else if (command === "open") {
      if (items[at]) open(items[at].audit_log_id);
    } else if ("move" in command) {
      const next = Math.max(0, Math.min(items.length - 1, at + command.move));
      setActive(next);
      if (!inQueue) queue.current?.focus();
    } else if (id) setAsked({ decision: command.decide });
    else return;
    event.preventDefault();
  };

  return (
    <Page
      title={t("page.oversight")} text={t("oversight.text")}
      actions={
        <>
          <Button look="quiet" small onClick={() => setHelping(true)}>{t("oversight.keys")}<kbd className={styles.key} aria-hidden="true">?</kbd></Button>
          {organization.data && user.user_role !== "auditor" && <Suspension organization={organization.data} />}
        </>
      }
    >
      {/* The queue and the review take single keys while one of their own controls has the focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div className={`${styles.columns} ${id ? styles.opened : ""}`} onKeyDown={onKeyDown}>
        <section className={styles.side} aria-label={t("oversight.queue")}>
          <div className={styles.filters} role="search">
            <FilterSelect
              label={t("oversight.filter.status")} value={status}
              onChange={event => {
                setStatus(event.target.value as OversightStatus | "");
                setActive(0);
              }}
            >
              <option value="">{t("oversight.filter.all")}</option>
              {(["pending", ...decisions] as const).map(one => <option key={one} value={one}>{t(`oversight.status.${one}`)}</option>)}
            </FilterSelect>
            <FilterSelect
              label={t("oversight.filter.reason")} value={reason}
              onChange={event => {
                setReason(event.target.value as Flag | "");
                setActive(0);
              }}
            >
              <option value="">{t("oversight.filter.reason.all")}</option>
              {flags.map(flag => <option key={flag} value={flag}>{flagName(words, flag)}</option>)}
            </FilterSelect>
          </div>
          <ProblemCallout problem={list.error} actions={<Button small icon="refresh" onClick={() => void list.refetch()}>{t("app.retry")}</Button>} />
          {list.isPending && <div className={styles.loading}><Spinner /></div>}
          {list.isSuccess && items.length === 0 && !list.isFetchingNextPage && (
            <Empty title={t(status === "pending" && reason === "" ? "oversight.empty" : "oversight.none")}>
              <p>{t(status === "pending" && reason === "" ? "oversight.empty.text" : "oversight.none.text")}</p>
            </Empty>
          )}
          {items.length > 0 && (
            <Queue
              ref={queue} items={items} active={at} opened={id} loadingMore={list.isFetchingNextPage}
              onOpen={(position, turn) => {
                setActive(position);
                open(turn);
              }}
            />
          )}
          <p className="hidden-visually" role="status">{list.isSuccess ? t("oversight.count", { count: number(items.length) }) : ""}</p>
        </section>
        <section className={styles.main} aria-label={t("oversight.review")}>
          {id
            ? (
              <TurnReview
                key={id} id={id} asked={asked} onClose={close}
                onDecided={() => {
                  setAsked(null);
                  void queries.invalidateQueries({ queryKey: ["oversight"] });
                }}
              />
            )
            : items.length > 0 && <p className={styles.hint}>{t("oversight.choose")}</p>}
        </section>
      </div>
      <Keys
        open={helping} letters={letters} onClose={() => setHelping(false)}
        onLetters={on => {
          setLetters(on);
          keepLetters(on);
        }}
      />
    </Page>
  );
}

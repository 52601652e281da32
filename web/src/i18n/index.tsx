"use client";

import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { en, type FrameWords } from "./en";
import type { PageWords } from "./en-pages";
import { languages, type Language } from "./languages";

export { languages, type Language };

export type Words = FrameWords & PageWords;
export type Key = keyof Words;
export type Values = Record<string, string | number>;

const STORED = "lexcustis.language";
// English is part of the app; the others are fetched when they are chosen, and the words of most pages with the first of these.
const loadFrame: Record<Language, () => Promise<FrameWords>> = {
  en: async () => en,
  fr: async () => (await import("./fr")).fr,
  de: async () => (await import("./de")).de,
};
const loadPages: Record<Language, () => Promise<PageWords>> = {
  en: async () => (await import("./en-pages")).enPages,
  fr: async () => (await import("./fr-pages")).frPages,
  de: async () => (await import("./de-pages")).dePages,
};

interface Translation {
  language: Language;
  setLanguage: (language: Language) => void;
  t: (key: Key, values?: Values) => string;
  /** Whether there is a word for something that the server named: a newer server may name more. */
  known: (key: string) => key is Key;
  number: (value: number) => string;
  /** At most two digits after the point. */
  decimal: (value: number) => string;
  percent: (share: number) => string;
  /** A number of something, in words: "3 days". */
  amount: (value: number, unit: "day" | "hour" | "minute" | "second") => string;
  bytes: (value: number) => string;
  /** A calendar day of UTC, `2026-11-22`; short where many stand side by side. */
  day: (day: string, length?: "short") => string;
  time: (iso: string) => string;
  exactTime: (iso: string) => string;
}

interface State {
  language: Language;
  words: Partial<Words>;
  /** What {@link PageWords} waits for. */
  pages: "absent" | "here" | "failed";
}

const Context = createContext<Translation & { pages: State["pages"]; needPages: () => void } | null>(null);

function useWords() {
  const words = useContext(Context);
  if (!words) throw new Error("useTranslation stands outside of <I18n>");
  return words;
}

export const useTranslation = (): Translation => useWords();

export function I18n({ children }: { children: ReactNode }) {
  const [state, setState] = useState<State>({ language: "en", words: en, pages: "absent" });
  const pagesWanted = useRef(false);

  const choose = useCallback(async (next: Language) => {
    const frame = await loadFrame[next]().catch(() => null);
    if (frame) {
      const pages = pagesWanted.current ? await loadPages[next]().catch(() => null) : null;
      setState({ language: next, words: { ...frame, ...pages }, pages: pages ? "here" : pagesWanted.current ? "failed" : "absent" });
      document.documentElement.lang = next;
    }

    delete document.documentElement.dataset.words;
  }, []);

  // The page's first script put the language there: the stored one, or the browser's.
  const wanted = useCallback((): Language => {
    const { lang } = document.documentElement;
    return lang in languages ? lang as Language : "en";
  }, []);
  useEffect(() => void choose(wanted()), [choose, wanted]);
  const needPages = useCallback(() => {
    pagesWanted.current = true;
    void choose(wanted());
  }, [choose, wanted]);

  const value = useMemo(() => {
    const { language, words, pages } = state;
    // Dates as the reader's country writes them, where the browser tells it.
    const locale = typeof navigator === "undefined" ? language : navigator.languages.find(one => one.split("-")[0] === language) ?? language;
    const numbers = new Intl.NumberFormat(locale);
    const decimals = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
    const percents = new Intl.NumberFormat(locale, { style: "percent" });
    const times = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
    const exact = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
    const days = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });
    const shortDays = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" });
    return {
      language,
      pages,
      needPages,
      setLanguage: (next: Language) => {
        try {
          localStorage.setItem(STORED, next);
        } catch {
          // Lasts until the page is left.
        }

        void choose(next);
      },
      t: (key: Key, values?: Values) => fill(words[key] ?? "", values),
      known: (key: string): key is Key => key in words,
      number: (count: number) => numbers.format(count),
      decimal: (count: number) => decimals.format(count),
      percent: (share: number) => percents.format(share),
      amount: (count: number, unit: string) => new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(count),
      bytes: (count: number) => {
        const power = count < 1_000 ? 0 : count < 1_000_000 ? 1 : count < 1_000_000_000 ? 2 : 3;
        const unit = ["byte", "kilobyte", "megabyte", "gigabyte"][power];
        return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: power === 0 ? "long" : "short", maximumFractionDigits: power > 1 ? 1 : 0 }).format(count / 1_000 ** power);
      },
      day: (day: string, length?: "short") => (length ? shortDays : days).format(new Date(`${day}T00:00:00Z`)),
      time: (iso: string) => times.format(new Date(iso)),
      exactTime: (iso: string) => exact.format(new Date(iso)),
    };
  }, [state, choose, needPages]);

  return <Context value={value}>{children}</Context>;
}

/** Shows a page when its words are here. The chat does without: its words are part of the app. */
export function PageWords({ children, waiting, failed }: { children: ReactNode; waiting: ReactNode; failed: (again: () => void) => ReactNode }) {
  const { pages, needPages } = useWords();
  useEffect(() => {
    if (pages === "absent") needPages();
  }, [pages, needPages]);
  return pages === "here" ? children : pages === "failed" ? failed(needPages) : waiting;
}

export function fill(text: string, values: Values = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

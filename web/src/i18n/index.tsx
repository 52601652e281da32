"use client";

import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { en, type Words } from "./en";
import { languages, type Language } from "./languages";

export { languages, type Language };

export type Key = keyof Words;
export type Values = Record<string, string | number>;

const STORED = "lexcustis.language";
// English is part of the app; the others are fetched when they are chosen.
const load: Record<Language, () => Promise<Words>> = {
  en: async () => en,
  fr: async () => (await import("./fr")).fr,
  de: async () => (await import("./de")).de,
};

interface Translation {
  language: Language;
  setLanguage: (language: Language) => void;
  t: (key: Key, values?: Values) => string;
  number: (value: number) => string;
  percent: (share: number) => string;
  time: (iso: string) => string;
  exactTime: (iso: string) => string;
}

const Context = createContext<Translation | null>(null);

export function useTranslation(): Translation {
  const translation = useContext(Context);
  if (!translation) throw new Error("useTranslation stands outside of <I18n>");
  return translation;
}

export function I18n({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>("en");
  const [words, setWords] = useState<Words>(en);

  const choose = useCallback(async (next: Language) => {
    const loaded = await load[next]().catch(() => null);
    if (loaded) {
      setWords(loaded);
      setLanguage(next);
      document.documentElement.lang = next;
    }

    delete document.documentElement.dataset.words;
  }, []);

  // The page's first script put the language there: the stored one, or the browser's.
  useEffect(() => {
    const wanted = document.documentElement.lang;
    void choose(wanted in languages ? wanted as Language : "en");
  }, [choose]);

  const value = useMemo<Translation>(() => {
    // Dates as the reader's country writes them, where the browser tells it.
    const locale = typeof navigator === "undefined" ? language : navigator.languages.find(one => one.split("-")[0] === language) ?? language;
    const numbers = new Intl.NumberFormat(locale);
    const percents = new Intl.NumberFormat(locale, { style: "percent" });
    const times = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
    const exact = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
    return {
      language,
      setLanguage: next => {
        try {
          localStorage.setItem(STORED, next);
        } catch {
          // Lasts until the page is left.
        }

        void choose(next);
      },
      t: (key, values) => fill(words[key], values),
      number: count => numbers.format(count),
      percent: share => percents.format(share),
      time: iso => times.format(new Date(iso)),
      exactTime: iso => exact.format(new Date(iso)),
    };
  }, [language, words, choose]);

  return <Context value={value}>{children}</Context>;
}

export function fill(text: string, values: Values = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

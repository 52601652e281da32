import { describe, expect, it } from "vitest";
import { fill } from "@/i18n";
import { de } from "@/i18n/de";
import { dePages } from "@/i18n/de-pages";
import { en } from "@/i18n/en";
import { enPages } from "@/i18n/en-pages";
import { eventTypes } from "@/i18n/events";
import { fr } from "@/i18n/fr";
import { frPages } from "@/i18n/fr-pages";

const words: Record<string, string> = { ...en, ...enPages };
const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

describe("words", () => {
  it.each([["fr", fr, en], ["fr, pages", frPages, enPages], ["de", de, en], ["de, pages", dePages, enPages]] as [string, Record<string, string>, Record<string, string>][])(
    "%s: a word for each key, with the same values in it", (_, theirs, ours) => {
      expect(Object.keys(theirs)).toEqual(Object.keys(ours));
      for (const key of Object.keys(ours)) {
        expect(theirs[key]!.trim(), key).not.toBe("");
        expect(holes(theirs[key]!), key).toEqual(holes(ours[key]!));
      }
    });

  it("has each key once, and a name for each event", () => {
    expect(Object.keys(en).filter(key => key in enPages)).toEqual([]);
    expect(Object.keys(enPages).filter(key => key.startsWith("event.")).map(key => key.slice("event.".length)).sort()).toEqual([...eventTypes].sort());
  });

  it("keeps the names that outside checks go by", () => {
    expect([en["auth.email"], en["auth.password"], en["auth.organization"], en["chat.message"]]).toEqual(["Email", "Password", "Organization name", "Message"]);
    expect(["auth.register", "auth.signIn", "chat.send", "chat.stop", "audit.verify", "dossier.download"].map(key => words[key]))
      .toEqual(["Create organization", "Sign in", "Send", "Stop", "Verify chain", "Download dossier"]);
    expect(["page.chat", "page.documents", "page.oversight", "page.audit", "page.incidents", "page.dossier", "page.monitoring", "page.settings"].map(key => words[key]))
      .toEqual(["Chat", "Documents", "Oversight", "Audit", "Incidents", "Dossier", "Monitoring", "Settings"]);
  });

  it("fills values in and leaves what has none", () => {
    expect(fill("{a} of {b}", { a: 1 })).toBe("1 of {b}");
  });
});

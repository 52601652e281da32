import { describe, expect, it } from "vitest";
import { fill } from "@/i18n";
import { de } from "@/i18n/de";
import { en, type Words } from "@/i18n/en";
import { fr } from "@/i18n/fr";

const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

describe("words", () => {
  it.each([["fr", fr], ["de", de]] as [string, Words][])("%s has a word for each key, with the same values in it", (_, words) => {
    expect(Object.keys(words)).toEqual(Object.keys(en));
    for (const key of Object.keys(en) as (keyof Words)[]) {
      expect(words[key].trim(), key).not.toBe("");
      expect(holes(words[key]), key).toEqual(holes(en[key]));
    }
  });

  it("keeps the names that outside checks go by", () => {
    expect([en["auth.email"], en["auth.password"], en["auth.organization"], en["chat.message"]]).toEqual(["Email", "Password", "Organization name", "Message"]);
    expect([en["auth.register"], en["auth.signIn"], en["chat.send"], en["chat.stop"], en["audit.verify"]]).toEqual(["Create organization", "Sign in", "Send", "Stop", "Verify chain"]);
    expect([en["page.chat"], en["page.audit"], en["page.settings"]]).toEqual(["Chat", "Audit", "Settings"]);
  });

  it("fills values in and leaves what has none", () => {
    expect(fill("{a} of {b}", { a: 1 })).toBe("1 of {b}");
  });
});

import type { OversightDecision } from "@/api/types";

export type Decision = OversightDecision["decision"];

export const decisions = ["approved", "overridden", "escalated", "dismissed"] as const satisfies readonly Decision[];

/** What a key asks for; undefined for keys that mean nothing here. */
export type Command = { move: number } | { decide: Decision } | "open" | "close" | "help";

const commands: Record<string, Command> = {
  j: { move: 1 }, ArrowDown: { move: 1 }, k: { move: -1 }, ArrowUp: { move: -1 }, Home: { move: -Infinity }, End: { move: Infinity },
  Enter: "open", Escape: "close", "?": "help",
  a: { decide: "approved" }, o: { decide: "overridden" }, e: { decide: "escalated" }, d: { decide: "dismissed" },
};

interface Pressed { key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean }

/** Single letters are off where one has turned them off (WCAG 2.1.4), and wherever one types. */
export function commandOf(event: Pressed, typing: boolean, letters: boolean): Command | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  if (typing) return event.key === "Escape" ? "close" : undefined;
  if (event.key.length === 1 && !letters) return undefined;
  return commands[event.key];
}

export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=button])"));

const STORED = "lexcustis.shortcuts";

export function readLetters(): boolean {
  try {
    return localStorage.getItem(STORED) !== "off";
  } catch {
    return true;
  }
}

export function keepLetters(on: boolean): void {
  try {
    if (on) localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, "off");
  } catch {
    // Lasts until the page is left.
  }
}

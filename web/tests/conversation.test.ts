import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "@/api/problem";
import type { ChatFrame } from "@/api/types";
import { ConversationState } from "@/features/chat/conversation";

const start: ChatFrame = { type: "start", conversation_id: "c1", ai_notice: "AI" };
const token = (text: string): ChatFrame => ({ type: "token", text });
const audit: ChatFrame = { type: "audit", id: "a1", sequence: 7, entry_hash: "ff" };

function asking(frames: ChatFrame[], failure?: unknown) {
  return async function* (_: object, signal: AbortSignal): AsyncGenerator<ChatFrame> {
    for (const frame of frames) {
      if (signal.aborted) throw new DOMException("aborted", "AbortError");
      yield frame;
      await Promise.resolve();
    }

    if (failure) throw failure as Error;
  };
}

describe("ConversationState", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("gathers a turn and tells the id of a conversation that began", async () => {
    const began = vi.fn();
    const state = new ConversationState(null, asking([start, token("Six "), token("months."), audit]), began);
    await state.send("How long?");
    expect(state.turns).toMatchObject([{ message: "How long?", answer: "Six months.", state: "done", receipt: { sequence: 7 } }]);
    expect(state.id).toBe("c1");
    expect(began).toHaveBeenCalledWith("c1", state);
    expect(state.isBusy).toBe(false);
  });

  it("draws many tokens at once, not one by one", async () => {
    const state = new ConversationState("c1", asking([...Array.from({ length: 1_000 }, () => token("x")), audit]));
    let drawn = 0;
    state.subscribe(() => drawn++);
    await state.send("Go on");
    expect(state.turns[0]?.answer).toHaveLength(1_000);
    expect(drawn).toBeLessThan(10);
  });

  it("keeps what came when it is stopped", async () => {
    let state: ConversationState | null = null;
    state = new ConversationState("c1", async function* (_, signal) {
      yield token("So far");
      state!.stop();
      if (signal.aborted) throw new DOMException("aborted", "AbortError");
    });
    await state.send("Go on");
    expect(state.turns).toMatchObject([{ answer: "So far", state: "stopped" }]);
  });

  it("tells a refusal, a failure within the stream, and a cut connection apart", async () => {
    const refused = new ConversationState("c1", asking([], new Problem({ status: 429, title: "Too many requests" }, 12)));
    await refused.send("x");
    expect(refused.turns).toMatchObject([{ state: "failed", problem: { status: 429, retryAfter: 12 } }]);

    const failed = new ConversationState("c1", asking([token("Half"), { type: "error", problem: { type: "about:blank", status: 502, title: "The model's provider failed", detail: "It broke off." } }, audit]));
    await failed.send("x");
    expect(failed.turns).toMatchObject([{ state: "failed", answer: "Half", receipt: { sequence: 7 } }]);

    const thrown = new ConversationState("c1", asking([token("Half")], new TypeError("network error")));
    await thrown.send("x");
    expect(thrown.turns).toMatchObject([{ state: "cut", answer: "Half" }]);

    const ended = new ConversationState("c1", asking([token("Half")]));
    await ended.send("x");
    expect(ended.turns).toMatchObject([{ state: "cut" }]);
  });

  it("asks one thing at a time", async () => {
    const ask = vi.fn(asking([token("x"), audit]));
    const state = new ConversationState("c1", ask);
    const first = state.send("one");
    await state.send("two");
    await first;
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it("takes from history what a reviewer said since, and only that", async () => {
    const state = new ConversationState("c1", asking([token("x"), audit]));
    await state.send("one");
    const turn = { audit_log_id: "a1", sequence: 7, started_at: "2026-01-01T00:00:00Z", status: "recorded" as const, message: "changed", answer: "changed" };
    const correction = { answer: "y", decided_at: "2026-01-02T00:00:00Z" };
    state.load({ id: "c1", turns: [{ ...turn, correction }] });
    expect(state.turns).toMatchObject([{ message: "one", answer: "x", correction }]);
    const before = state.turns;
    state.load({ id: "c1", turns: [{ ...turn, correction }] });
    expect(state.turns).toBe(before);
    state.load({ id: "c1", turns: [turn] });
    expect(state.turns[0]?.correction).toBeUndefined();
  });

  it("does not let history overwrite what this tab knows better", async () => {
    const state = new ConversationState("c1", asking([token("x"), audit]));
    await state.send("one");
    state.load({ id: "c1", turns: [] });
    expect(state.turns).toHaveLength(1);
  });
});

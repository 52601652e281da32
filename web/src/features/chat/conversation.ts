import * as api from "@/api/endpoints";
import { Problem } from "@/api/problem";
import type { ChatFrame, ComplianceReport, Conversation, Correction, Passage, Receipt } from "@/api/types";

export type TurnState = "waiting" | "answering" | "done" | "stopped" | "cut" | "failed" | "erased" | "unreadable" | "running";

/** One question and what came of it; replaced, never changed, so that React sees what is new. */
export interface Turn {
  key: string;
  message: string;
  state: TurnState;
  answer: string;
  sources: Passage[];
  compliance?: ComplianceReport;
  lowConfidence?: { confidence: number; threshold: number };
  /** From the stream with its hash; from history without. */
  receipt?: Omit<Receipt, "entry_hash"> & { entry_hash?: string };
  problem?: Problem;
  /** What a reviewer answered instead. */
  correction?: Correction | null;
}

type Ask = typeof api.chat;

/**
 * A conversation as this tab knows it. It lives outside of React: an answer goes on while another page is looked at, and
 * tokens reach the screen once a frame, however fast they come.
 */
export class ConversationState {
  turns: readonly Turn[] = [];
  /** Deleted: there is nothing on the server to ask for any more. */
  gone = false;
  private readonly listeners = new Set<() => void>();
  private running: AbortController | null = null;
  private drawing: (() => void) | null = null;
  private counter = 0;

  constructor(public id: string | null, private readonly ask: Ask = api.chat, private readonly onId: (id: string, state: ConversationState) => void = () => undefined) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getTurns = (): readonly Turn[] => this.turns;

  get isBusy(): boolean {
    return this.running !== null;
  }

  /** Takes the turns of history; what this tab followed itself it knows better, all but what a reviewer said since. */
  load(conversation: Conversation): void {
    if (this.isBusy) return;
    if (this.turns.length > 0) return this.correct(conversation);
    this.turns = conversation.turns.map(turn => ({
      key: turn.audit_log_id,
      message: turn.message ?? "",
      state: turn.status === "recorded" ? "done" : turn.status,
      answer: turn.answer ?? "",
      sources: turn.sources ?? [],
      correction: turn.correction,
      receipt: turn.sequence == null ? undefined : { id: turn.audit_log_id, sequence: turn.sequence },
    }));
    this.tell();
  }

  private correct(conversation: Conversation): void {
    const corrections = new Map(conversation.turns.map(turn => [turn.audit_log_id, turn.correction]));
    const corrected = this.turns.map(turn => {
      if (!turn.receipt || !corrections.has(turn.receipt.id)) return turn;
      const correction = corrections.get(turn.receipt.id);
      return correction?.decided_at === turn.correction?.decided_at ? turn : { ...turn, correction };
    });
    if (corrected.every((turn, index) => turn === this.turns[index])) return;
    this.turns = corrected;
    this.tell();
  }

  stop(): void {
    this.running?.abort();
  }

  /** Asks, and follows the answer to its end. What goes wrong is kept in the turn. */
  async send(message: string, useDocuments = true): Promise<void> {
    if (this.isBusy) return;
    const abort = this.running = new AbortController();
    const key = `turn-${++this.counter}`;
    this.turns = [...this.turns, { key, message, state: "waiting", answer: "", sources: [] }];
    this.tell();
    let done = false;
    try {
      const body = { message, use_documents: useDocuments, ...(this.id && { conversation_id: this.id }) };
      for await (const frame of this.ask(body, abort.signal)) this.take(key, frame);
      done = true;
    } catch (failure) {
      if (abort.signal.aborted) this.change(key, () => ({ state: "stopped" }));
      else if (failure instanceof Problem) this.change(key, () => ({ state: "failed", problem: failure }));
      else this.change(key, () => ({ state: "cut" }));
    } finally {
      this.running = null;
      // An answer that ends without its receipt was cut: the server ends every turn with one.
      this.change(key, turn => done && turn.state !== "failed" ? { state: turn.receipt ? "done" : abort.signal.aborted ? "stopped" : "cut" } : {});
      this.drawNow();
    }
  }

  /** Leaves out a turn that never began, so that its message can be sent again. */
  forget(key: string): void {
    this.turns = this.turns.filter(turn => turn.key !== key);
    this.tell();
  }

  private take(key: string, frame: ChatFrame): void {
    switch (frame.type) {
      case "start":
        if (this.id === null && frame.conversation_id) {
          this.id = frame.conversation_id;
          this.onId(this.id, this);
        }

        break;
      case "sources":
        return this.change(key, () => ({ sources: frame.items }));
      case "token":
        return this.change(key, turn => ({ answer: turn.answer + frame.text, state: "answering" }));
      case "compliance":
        return this.change(key, () => ({ compliance: frame }));
      case "audit":
        return this.change(key, () => ({ receipt: { id: frame.id, sequence: frame.sequence, entry_hash: frame.entry_hash } }));
      case "low_confidence":
        return this.change(key, () => ({ lowConfidence: { confidence: frame.confidence, threshold: frame.threshold } }));
      case "error":
        return this.change(key, () => ({ state: "failed", problem: new Problem(frame.problem) }));
    }
  }

  private change(key: string, change: (turn: Turn) => Partial<Turn>): void {
    const at = this.turns.findLastIndex(turn => turn.key === key);
    if (at < 0) return;
    // The array is this state's own until the next frame draws it.
    const turns = this.drawing ? this.turns as Turn[] : [...this.turns];
    turns[at] = { ...turns[at]!, ...change(turns[at]!) };
    this.turns = turns;
    this.drawSoon();
  }

  private drawSoon(): void {
    if (this.drawing) return;
    const draw = () => {
      this.drawing = null;
      this.turns = [...this.turns];
      this.tell();
    };
    // A hidden page draws no frames, but its answer goes on.
    const hidden = typeof document === "undefined" || document.hidden;
    const id = hidden ? setTimeout(draw, 100) : requestAnimationFrame(draw);
    this.drawing = () => {
      if (hidden) clearTimeout(id as ReturnType<typeof setTimeout>);
      else cancelAnimationFrame(id as number);
      draw();
    };
  }

  private drawNow(): void {
    this.drawing?.();
    this.tell();
  }

  private tell(): void {
    this.listeners.forEach(listener => listener());
  }
}

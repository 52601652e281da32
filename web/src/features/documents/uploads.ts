import * as api from "@/api/endpoints";
import { Problem } from "@/api/problem";
import type { DocumentItem } from "@/api/types";

export interface Upload {
  key: number;
  name: string;
  size: number;
  /** `known`: the same bytes are here already. */
  state: "waiting" | "sending" | "stored" | "known" | "failed";
  /** Bytes that have left. */
  sent: number;
  problem?: unknown;
  document?: DocumentItem;
}

/** At once; the others wait their turn, so that each gets on. */
const LANES = 2;

type Send = (file: File, onProgress: (sent: number) => void, signal: AbortSignal) => Promise<{ document: DocumentItem; isNew: boolean }>;

/** The files that this tab sends. It lives outside of React: sending goes on while another page is looked at. */
export class Uploads {
  private list: readonly Upload[] = [];
  private readonly files = new Map<number, File>();
  private readonly running = new Map<number, AbortController>();
  private readonly listeners = new Set<() => void>();
  private counter = 0;

  constructor(private readonly send: Send = api.uploadDocument, private readonly onStored: () => void = () => undefined) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getList = (): readonly Upload[] => this.list;

  add(files: readonly File[]): void {
    const added = files.map((file): Upload => {
      const key = ++this.counter;
      this.files.set(key, file);
      return { key, name: file.name, size: file.size, state: "waiting", sent: 0 };
    });
    this.set([...this.list, ...added]);
    this.next();
  }

  /** Stops it if it is being sent, and takes it out of the list. */
  dismiss(key: number): void {
    this.running.get(key)?.abort();
    this.files.delete(key);
    this.set(this.list.filter(upload => upload.key !== key));
  }

  retry(key: number): void {
    this.change(key, { state: "waiting", sent: 0, problem: undefined });
    this.next();
  }

  /** Leaves nothing to the next who signs in here. */
  clear(): void {
    for (const controller of this.running.values()) controller.abort();
    this.files.clear();
    this.set([]);
  }

  private next(): void {
    for (const upload of this.list) {
      if (this.running.size >= LANES) return;
      const file = this.files.get(upload.key);
      if (upload.state === "waiting" && file && !this.running.has(upload.key)) void this.run(upload.key, file);
    }
  }

  private async run(key: number, file: File): Promise<void> {
    const controller = new AbortController();
    this.running.set(key, controller);
    this.change(key, { state: "sending" });
    try {
      const { document, isNew } = await this.send(file, sent => this.change(key, { sent: Math.min(sent, file.size) }), controller.signal);
      this.change(key, { state: isNew ? "stored" : "known", sent: file.size, document });
      this.files.delete(key);
      this.onStored();
    } catch (failure) {
      // Dismissed: there is no row any more that could say so.
      if (!controller.signal.aborted) this.change(key, { state: "failed", problem: failure });
    } finally {
      this.running.delete(key);
      this.next();
    }
  }

  private change(key: number, part: Partial<Upload>): void {
    this.set(this.list.map(upload => upload.key === key ? { ...upload, ...part } : upload));
  }

  private set(list: readonly Upload[]): void {
    this.list = list;
    this.listeners.forEach(listener => listener());
  }
}

/** Whether trying the same file once more may help. */
export const mayRetry = (problem: unknown): boolean => !(problem instanceof Problem) || problem.status === 0 || problem.status === 429 || problem.status >= 500;

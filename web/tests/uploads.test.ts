import { describe, expect, it } from "vitest";
import { Problem } from "@/api/problem";
import type { DocumentItem } from "@/api/types";
import { mayRetry, Uploads } from "@/features/documents/uploads";

const document = { id: "d1", name: "a.txt" } as DocumentItem;
const file = (name: string, size = 10) => new File([new Uint8Array(size)], name);
const settled = () => new Promise(resolve => setTimeout(resolve, 0));

/** A server of which each answer waits until the test gives it. */
function server() {
  const waiting: { file: File; progress: (sent: number) => void; signal: AbortSignal; answer: (isNew: boolean) => void; refuse: (failure: unknown) => void }[] = [];
  const send = (file: File, progress: (sent: number) => void, signal: AbortSignal) => new Promise<{ document: DocumentItem; isNew: boolean }>((resolve, reject) => {
    signal.addEventListener("abort", () => reject(new DOMException("stopped", "AbortError")));
    waiting.push({ file, progress, signal, answer: isNew => resolve({ document, isNew }), refuse: reject });
  });
  return { send, waiting };
}

describe("Uploads", () => {
  it("sends two at once, the others in turn, and tells how far each is", async () => {
    const { send, waiting } = server();
    let stored = 0;
    const uploads = new Uploads(send, () => stored++);
    uploads.add([file("a"), file("b"), file("c")]);
    expect(uploads.getList().map(upload => upload.state)).toEqual(["sending", "sending", "waiting"]);
    waiting[0]!.progress(4);
    waiting[1]!.progress(400); // with the form's own bytes
    expect(uploads.getList().map(upload => upload.sent)).toEqual([4, 10, 0]);
    waiting[0]!.answer(true);
    await settled();
    expect(waiting[2]!.file.name).toBe("c");
    waiting[2]!.answer(false);
    waiting[1]!.answer(true);
    await settled();
    expect(uploads.getList().map(upload => upload.state)).toEqual(["stored", "stored", "known"]);
    expect(stored).toBe(3);
  });

  it("keeps what was refused with its reason, goes on with the others, and tries again when asked", async () => {
    const { send, waiting } = server();
    const uploads = new Uploads(send);
    uploads.add([file("a"), file("b"), file("c")]);
    waiting[0]!.refuse(Problem.unreachable());
    await settled();
    const [first] = uploads.getList();
    expect(first).toMatchObject({ state: "failed", problem: { status: 0 } });
    expect(waiting).toHaveLength(3);
    waiting[1]!.answer(true);
    await settled();
    uploads.retry(first!.key);
    expect(uploads.getList()[0]).toMatchObject({ state: "sending", sent: 0, problem: undefined });
    waiting[3]!.answer(true);
    await settled();
    expect(uploads.getList()[0]).toMatchObject({ state: "stored" });
  });

  it("stops one that is dismissed, and all when the session ends", async () => {
    const { send, waiting } = server();
    const uploads = new Uploads(send);
    uploads.add([file("a"), file("b"), file("c")]);
    uploads.dismiss(uploads.getList()[0]!.key);
    await settled();
    expect(waiting[0]!.signal.aborted).toBe(true);
    expect(uploads.getList().map(upload => upload.name)).toEqual(["b", "c"]);
    uploads.clear();
    await settled();
    expect(waiting.every(one => one.signal.aborted)).toBe(true);
    expect(uploads.getList()).toEqual([]);
  });

  it("offers another attempt where one may help", () => {
    expect([0, 429, 500, 503].map(status => mayRetry(new Problem({ status })))).toEqual([true, true, true, true]);
    expect([400, 403, 413, 415].map(status => mayRetry(new Problem({ status })))).toEqual([false, false, false, false]);
  });
});

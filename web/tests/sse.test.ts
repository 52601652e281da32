import { describe, expect, it } from "vitest";
import { readEvents } from "@/api/sse";

const encoder = new TextEncoder();

function streamOf(...chunks: (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(typeof chunk === "string" ? encoder.encode(chunk) : chunk);
      controller.close();
    },
  });
}

async function read(...chunks: (string | Uint8Array)[]): Promise<string[]> {
  const events: string[] = [];
  for await (const event of readEvents(streamOf(...chunks))) events.push(event);
  return events;
}

describe("readEvents", () => {
  it("reads events, joins lines of data, and passes over comments and other fields", async () => {
    expect(await read(": keep-alive\n\ndata: one\n\nevent: x\ndata: two\ndata:three\nid: 7\n\n")).toEqual(["one", "two\nthree"]);
  });

  it("takes CR, LF and CRLF as ends of lines", async () => {
    expect(await read("data: a\r\n\r\ndata: b\r\rdata: c\n\n")).toEqual(["a", "b", "c"]);
  });

  it("does not read an empty line into a CRLF that is cut in two", async () => {
    expect(await read("data: a\r", "\ndata: b\r", "\n\r", "\n")).toEqual(["a\nb"]);
  });

  it("gives the same wherever the bytes are cut, characters included", async () => {
    const whole = "data: {\"text\":\"Prüfung – 規則 🙂\"}\n\ndata: [DONE]\r\n\r\n";
    const bytes = encoder.encode(whole);
    const expected = await read(whole);
    expect(expected).toHaveLength(2);
    for (let cut = 1; cut < bytes.length; cut++) expect(await read(bytes.slice(0, cut), bytes.slice(cut))).toEqual(expected);
    expect(await read(...Array.from(bytes, byte => Uint8Array.of(byte)))).toEqual(expected);
  });

  it("drops an event that the connection's end cut off", async () => {
    expect(await read("data: whole\n\ndata: half")).toEqual(["whole"]);
    expect(await read("data: whole\n\ndata: half\n")).toEqual(["whole"]);
  });

  it("reads a megabyte on one line in small chunks without searching it again and again", async () => {
    const piece = "x".repeat(100);
    const started = performance.now();
    const [event] = await read("data: ", ...Array.from({ length: 10_000 }, () => piece), "\n\n");
    expect(event).toHaveLength(1_000_000);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it("closes the connection when its reader stops", async () => {
    let closed = false;
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(encoder.encode("data: again\n\n"));
      },
      cancel() {
        closed = true;
      },
    });
    for await (const event of readEvents(stream)) {
      expect(event).toBe("again");
      break;
    }

    expect(closed).toBe(true);
  });
});

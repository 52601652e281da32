import { describe, expect, it } from "vitest";
import { gather } from "@/api/save";

const MEGABYTE = 1024 * 1024;

function streamOf(pieces: Uint8Array[], failure?: Error): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      const piece = pieces[next++];
      if (piece) controller.enqueue(piece);
      else if (failure) controller.error(failure);
      else controller.close();
    },
  });
}

describe("gather", () => {
  it("puts a stream together byte for byte, and tells how far it is", async () => {
    const pieces = Array.from({ length: 150 }, (_, index) => new Uint8Array(64 * 1024).fill(index));
    const seen: number[] = [];
    const bytes = new Uint8Array(await (await gather(streamOf(pieces), received => seen.push(received))).arrayBuffer());
    expect(bytes.length).toBe(150 * 64 * 1024);
    expect(pieces.every((_, index) => bytes[index * 64 * 1024] === index && bytes[(index + 1) * 64 * 1024 - 1] === index)).toBe(true);
    expect(seen.at(-1)).toBe(bytes.length);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  it("keeps no more in the page than a part", async () => {
    // Every piece that is let go of can be collected: blobs are made of few megabytes at a time.
    const made: number[] = [];
    const BlobOfTest = class extends Blob {
      constructor(parts: BlobPart[] = [], options?: BlobPropertyBag) {
        super(parts, options);
        if (parts[0] instanceof Uint8Array) made.push(this.size);
      }
    };
    const before = globalThis.Blob;
    globalThis.Blob = BlobOfTest;
    try {
      await gather(streamOf(Array.from({ length: 40 }, () => new Uint8Array(MEGABYTE))), () => undefined);
    } finally {
      globalThis.Blob = before;
    }

    expect(made).toHaveLength(10);
    expect(Math.max(...made)).toBeLessThanOrEqual(5 * MEGABYTE);
  });

  it("saves nothing of a stream that breaks off", async () => {
    await expect(gather(streamOf([new Uint8Array(10)], new TypeError("cut")), () => undefined)).rejects.toThrow("cut");
  });
});

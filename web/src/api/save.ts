/** Pieces of an answer are put together into parts of this size. */
const PART = 4 * 1024 * 1024;

/** Hands an answer to the browser as a download. A link can't do that: it would come without the access token. */
export async function save(response: Response, otherwiseNamed: string, onProgress?: (received: number) => void): Promise<void> {
  const blob = response.body && onProgress ? await gather(response.body, onProgress) : await response.blob();
  saveBlob(blob, /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? otherwiseNamed);
}

export function saveText(text: string, name: string, type = "text/plain"): void {
  saveBlob(new Blob([text], { type: `${type};charset=utf-8` }), name);
}

/**
 * Reads a stream to its end. What came goes into blobs, part by part: browsers keep these outside of the page's memory,
 * and on disk when they are large, so that a big download costs the page a few megabytes. A stream that breaks off throws.
 */
export async function gather(body: ReadableStream<Uint8Array>, onProgress: (received: number) => void): Promise<Blob> {
  const reader = body.getReader();
  const parts: Blob[] = [];
  let pieces: Uint8Array<ArrayBuffer>[] = [];
  let [received, pending] = [0, 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (value) {
      pieces.push(value as Uint8Array<ArrayBuffer>);
      pending += value.length;
      received += value.length;
    }

    if (pieces.length > 0 && (done || pending >= PART)) {
      parts.push(new Blob(pieces));
      [pieces, pending] = [[], 0];
    }

    if (done) return new Blob(parts);
    onProgress(received);
  }
}

function saveBlob(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has begun by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

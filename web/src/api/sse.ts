/**
 * The data of each server-sent event, in order (WHATWG HTML, 9.2.6), read from a fetch. Lines may end in LF, CR or CRLF,
 * and anything may be cut anywhere between two chunks, characters included. Comments and other fields are passed over;
 * an event that the connection's end cut off is not one.
 */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let data: string[] = [];
  let afterCarriageReturn = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      let text = done ? decoder.decode() : decoder.decode(value, { stream: true });
      if (afterCarriageReturn && text.startsWith("\n")) text = text.slice(1);
      if (text.length > 0) afterCarriageReturn = text.endsWith("\r");

      // Only what is new is searched: a long line that comes in many chunks must not be searched again each time.
      let start = 0;
      for (let end = nextLineEnd(text, 0); end >= 0; end = nextLineEnd(text, start)) {
        const line = rest + text.slice(start, end);
        rest = "";
        start = end + (text[end] === "\r" && text[end + 1] === "\n" ? 2 : 1);
        if (line === "") {
          if (data.length > 0) yield data.join("\n");
          data = [];
        } else if (line.startsWith("data:")) {
          data.push(line.slice(line[5] === " " ? 6 : 5));
        }
      }

      rest += text.slice(start);
      if (done) return;
    }
  } finally {
    // Whoever stops listening closes the connection.
    await reader.cancel().catch(() => undefined);
  }
}

function nextLineEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10 || code === 13) return at;
  }

  return -1;
}

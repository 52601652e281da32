import { addressOf, read, type AnswerOf, type FrameOf, type Method, type Options, type PathOf } from "./description";
import { Problem } from "./problem";
import { accessToken, renew } from "./session";
import { readEvents } from "./sse";

/** Asks the server; answers the JSON, or undefined for an answer without a body. Throws {@link Problem}. */
export async function request<M extends Method, P extends PathOf<M>>(method: M, path: P, options: Options<M, P>): Promise<AnswerOf<M, P>> {
  const response = await open(method, path, options);
  return read<AnswerOf<M, P>>(await response.text());
}

/** The frames of a streamed answer as they come, without the `[DONE]` that ends them. Throws {@link Problem} for a refusal. */
export async function* events<M extends Method, P extends PathOf<M>>(method: M, path: P, options: Options<M, P>): AsyncGenerator<FrameOf<M, P>, void, undefined> {
  const response = await open(method, path, options);
  if (!response.body) return;
  for await (const data of readEvents(response.body)) {
    if (data === "[DONE]") return;
    yield read<FrameOf<M, P>>(data);
  }
}

/** The answer itself, for those who save it or read it as text. Throws {@link Problem}, also for an abort that came before the answer. */
export async function open<M extends Method, P extends PathOf<M>>(method: M, path: P, options: Options<M, P>): Promise<Response> {
  // TypeScript can't see through the types above while M and P are open.
  const { body, query, path: ids, accept, signal }: { body?: unknown; query?: Record<string, unknown>; path?: Record<string, string | number>; accept?: string; signal?: AbortSignal } = options;
  const address = addressOf(path, ids) + queryString(query);
  return authorized(async token => {
    const headers: Record<string, string> = {};
    if (token) headers.Authorization = `Bearer ${token}`;
    if (accept) headers.Accept = accept;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    try {
      return await fetch(address, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body), credentials: "omit" });
    } catch (failure) {
      if (signal?.aborted) throw failure;
      throw Problem.unreachable();
    }
  });
}

/** Sends with a token, and once more with a new one when the server takes the first for ended. */
async function authorized(send: (token: string | null) => Promise<Response>): Promise<Response> {
  let response = await send(await accessToken());
  if (response.status === 401 && await renew()) response = await send(await accessToken());
  if (!response.ok) throw await Problem.of(response);
  return response;
}

function queryString(query: Record<string, unknown> | undefined): string {
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]))}`;
}

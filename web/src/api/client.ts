import { Problem } from "./problem";
import type { paths } from "./schema";
import { accessToken, renew } from "./session";

// What may be asked, with what, and what comes back is taken from the server's own description: an address or a field
// that it does not know does not compile.
type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
type Operation<M extends Method, P extends keyof paths> = NonNullable<paths[P][Lowercase<M>]>;
export type PathOf<M extends Method> = { [P in keyof paths]: paths[P][Lowercase<M>] extends undefined ? never : P }[keyof paths];

type Json<T> = T extends { content: { "application/json": infer Body } } ? Body : undefined;
type Success<R> = R extends { 200: infer Answer } | { 201: infer Answer } | { 202: infer Answer } ? Json<Answer> : undefined;
export type AnswerOf<M extends Method, P extends keyof paths> = Operation<M, P> extends { responses: infer R } ? Success<R> : never;

type BodyOf<O> = O extends { requestBody: infer B } ? { body: Json<B> } : { body?: undefined };
type Nullable<T> = { [Name in keyof T]: T[Name] | null };
type QueryOf<O> = O extends { parameters: { query?: infer Q } } ? { query?: Nullable<NonNullable<Q>> } : object;
type IdsOf<O> = O extends { parameters: { path: infer Ids } } ? { path: Ids } : { path?: undefined };

interface Common {
  /** The form wanted of those that the answer may have. */
  accept?: string;
  signal?: AbortSignal;
}

/** A query's null or empty parameter is left out. */
export type Options<M extends Method, P extends keyof paths> = Common & BodyOf<Operation<M, P>> & QueryOf<Operation<M, P>> & IdsOf<Operation<M, P>>;

/** Asks the server; answers the JSON, or undefined for an answer without a body. Throws {@link Problem}. */
export async function request<M extends Method, P extends PathOf<M>>(method: M, path: P, options: Options<M, P>): Promise<AnswerOf<M, P>> {
  const response = await open(method, path, options);
  return (response.status === 204 ? undefined : await response.json()) as AnswerOf<M, P>;
}

/** The answer itself, for those who stream or save it. Throws {@link Problem}, also for an abort that came before the answer. */
export async function open<M extends Method, P extends PathOf<M>>(method: M, path: P, options: Options<M, P>): Promise<Response> {
  const { body, query, path: ids, accept, signal } = options as Common & { body?: unknown; query?: Record<string, unknown>; path?: Record<string, string> };
  const address = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(ids?.[name] ?? "")) + queryString(query);
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

/** As {@link open}, for routes that the description does not have yet. */
export const openRaw = open as unknown as (method: Method, path: string, options: Common & { body?: unknown; query?: Record<string, unknown> }) => Promise<Response>;
export const requestRaw = async <T>(method: Method, path: string, options: Common & { body?: unknown; query?: Record<string, unknown> }): Promise<T> =>
  await (await openRaw(method, path, options)).json() as T;

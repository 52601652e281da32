import type { paths } from "./schema";

// What may be asked, with what, and what comes back, as the server's own description says it: an address or a field that
// it does not know does not compile.
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
export type PathOf<M extends Method> = { [P in keyof paths]: paths[P][Lowercase<M>] extends undefined ? never : P }[keyof paths];
type Operation<M extends Method, P extends keyof paths> = NonNullable<paths[P][Lowercase<M>]>;

type Content<T, Type extends string> = T extends { content: Record<Type, infer Body> } ? Body : undefined;
type Json<T> = Content<T, "application/json">;
type Success<O> = O extends { responses: { 200: infer Answer } | { 201: infer Answer } | { 202: infer Answer } } ? Answer : undefined;

/** The JSON of a success; undefined where it has none. */
export type AnswerOf<M extends Method, P extends keyof paths> = Json<Success<Operation<M, P>>>;
/** One frame of a success that is streamed. */
export type FrameOf<M extends Method, P extends keyof paths> = Content<Success<Operation<M, P>>, "text/event-stream">;

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

/** The addresses that take a file, and the ids in them. */
export type UploadPath = { [P in PathOf<"POST">]: Operation<"POST", P> extends { requestBody: { content: { "multipart/form-data": unknown } } } ? P : never }[PathOf<"POST">];
export type UploadIds<P extends UploadPath> = IdsOf<Operation<"POST", P>>;

/**
 * An answer's text as what the description says that it is. This is the one place that takes the server at its word: its
 * own tests hold each answer that they get against the description.
 */
export const read = <T>(text: string): T => (text === "" ? undefined : JSON.parse(text)) as T;

/** An address with its ids. */
export const addressOf = (path: string, ids: Readonly<Record<string, string | number>> | undefined): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(ids?.[name] ?? ""));

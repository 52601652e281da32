import { Problem } from "./problem";
import { accessToken, renew } from "./session";

export interface Request {
  body?: unknown;
  query?: Record<string, string | number | null | undefined>;
  /** The form wanted of those that the answer may have. */
  accept?: string;
  signal?: AbortSignal;
}

/** Asks the server; answers the JSON, or undefined for an answer without a body. Throws {@link Problem}. */
export async function request<T>(method: string, path: string, options: Request = {}): Promise<T> {
  const response = await open(method, path, options);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** The answer itself, for those who stream or save it. Throws {@link Problem}, also for an abort that came before the answer. */
export async function open(method: string, path: string, { body, query, accept, signal }: Request = {}): Promise<Response> {
  const address = path + queryString(query);
  const send = async () => {
    const token = await accessToken();
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
  };

  let response = await send();
  if (response.status === 401 && await renew()) response = await send();
  if (!response.ok) throw await Problem.of(response);
  return response;
}

function queryString(query: Request["query"]): string {
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]))}`;
}

import { read, type AnswerOf } from "./description";
import { Problem } from "./problem";
import type { Tokens, User } from "./types";

// The session of this tab. The access token is kept in memory only; the refresh token is a cookie that scripts cannot
// read (HttpOnly, SameSite=Strict, path /api/auth), asked for by the header below. No other site can send that header.
const COOKIE_SESSION = { "X-Session": "cookie" };

// Says that there may be a cookie: a visitor who never signed in asks the server nothing.
const HINT = "lexcustis.session";

/** A token is renewed this long before its end, so that no request meets the end. */
const RENEW_BEFORE_MS = 60_000;

export type SessionState =
  | { status: "unknown" }
  | { status: "out" }
  | { status: "unreachable" }
  | { status: "in"; user: User };

let state: SessionState = { status: "unknown" };
let token: { value: string; renewAt: number } | null = null;
let refreshing: Promise<boolean> | null = null;
const listeners = new Set<() => void>();
const others = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("lexcustis.session");

export const getSession = (): SessionState => state;

export function subscribeToSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Finds out whether this browser is signed in; done once, when the app starts. */
export async function startSession(): Promise<void> {
  if (others) {
    others.onmessage = ({ data }) => {
      if (data === "out") forget();
      else if (state.status !== "in") void renew();
    };
  }

  if (!hasHint()) set({ status: "out" });
  else await renew();
}

export async function signIn(email: string, password: string): Promise<void> {
  accept(await post("login", { email, password }));
  others?.postMessage("in");
}

export async function register(request: { organization_name: string; email: string; password: string; name?: string }): Promise<void> {
  accept(await post("register", request));
  others?.postMessage("in");
}

export async function signOut(): Promise<void> {
  try {
    await post("logout", {});
  } finally {
    forget();
    others?.postMessage("out");
  }
}

/** The access token to send, renewed when its end is near; null when signed out. */
export async function accessToken(): Promise<string | null> {
  if (token && Date.now() >= token.renewAt) await renew();
  return token?.value ?? null;
}

/**
 * Trades the cookie for new tokens. A refresh token is good once, so tabs of one browser take turns; streams that run
 * are not touched, since a token matters only when a request begins.
 * @returns False when the session has ended.
 */
export function renew(): Promise<boolean> {
  refreshing ??= inTurn(async () => {
    try {
      accept(await post("refresh", {}));
      return true;
    } catch (problem) {
      if (problem instanceof Problem && problem.status === 401) {
        forget();
        return false;
      }

      // The server is away, not the session: whoever is signed in stays so.
      if (state.status !== "in") set({ status: "unreachable" });
      throw problem;
    }
  }).catch(() => false).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  // Web Locks exist under TLS and on localhost only; without them the server's few seconds of grace have to do.
  return navigator.locks ? navigator.locks.request("lexcustis.refresh", work) as Promise<T> : work();
}

async function post<Act extends "login" | "register" | "refresh" | "logout">(act: Act, body: object): Promise<AnswerOf<"POST", `/api/auth/${Act}`>> {
  let response: Response;
  try {
    response = await fetch(`/api/auth/${act}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...COOKIE_SESSION },
      body: JSON.stringify(body),
      credentials: "same-origin",
      // A page that is left must not lose the cookie that is on its way.
      keepalive: true,
    });
  } catch {
    throw Problem.unreachable();
  }

  if (!response.ok) throw await Problem.of(response);
  return read<AnswerOf<"POST", `/api/auth/${Act}`>>(await response.text());
}

function accept(tokens: Tokens): void {
  token = { value: tokens.access_token, renewAt: Date.now() + Math.max(5_000, tokens.expires_in * 1000 - RENEW_BEFORE_MS) };
  keepHint(true);
  if (state.status !== "in" || JSON.stringify(state.user) !== JSON.stringify(tokens.user)) set({ status: "in", user: tokens.user });
}

function forget(): void {
  token = null;
  keepHint(false);
  set({ status: "out" });
}

function set(next: SessionState): void {
  state = next;
  listeners.forEach(listener => listener());
}

function hasHint(): boolean {
  try {
    return localStorage.getItem(HINT) !== null;
  } catch {
    return true; // storage is closed: ask the server
  }
}

function keepHint(signedIn: boolean): void {
  try {
    if (signedIn) localStorage.setItem(HINT, "1");
    else localStorage.removeItem(HINT);
  } catch {
    // Only costs the next visit a request.
  }
}

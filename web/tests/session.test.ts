import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const user = { user_id: "u", organization_id: "o", user_role: "admin", email: "a@b.c", name: "", organization_name: "O" };
const tokens = (access: string, expires = 900) => new Response(JSON.stringify({ access_token: access, token_type: "Bearer", expires_in: expires, user }), { status: 200 });
const problem = (status: number) => new Response(JSON.stringify({ status, title: "No" }), { status });

describe("session and client", () => {
  const answers = new Map<string, ((request: RequestInit) => Response | Promise<Response>)[]>();
  const seen: { path: string; init: RequestInit }[] = [];

  beforeEach(() => {
    vi.resetModules();
    answers.clear();
    seen.length = 0;
    const stored = new Map<string, string>();
    vi.stubGlobal("localStorage", { getItem: (key: string) => stored.get(key) ?? null, setItem: (key: string, value: string) => stored.set(key, value), removeItem: (key: string) => stored.delete(key) });
    vi.stubGlobal("navigator", {});
    vi.stubGlobal("BroadcastChannel", undefined);
    vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
      seen.push({ path, init });
      const next = answers.get(path)?.shift();
      if (!next) throw new TypeError("Failed to fetch");
      return next(init);
    });
  });
  afterEach(() => vi.unstubAllGlobals());

  const answer = (path: string, ...responses: (() => Response | Promise<Response>)[]) => answers.set(path, responses);
  const load = async () => ({ session: await import("@/api/session"), client: await import("@/api/client") });

  it("asks the server nothing for a visitor who never signed in", async () => {
    const { session } = await load();
    await session.startSession();
    expect(session.getSession().status).toBe("out");
    expect(seen).toHaveLength(0);
  });

  it("signs in with the header that asks for a cookie, and sends the token from memory", async () => {
    const { session, client } = await load();
    answer("/api/auth/login", () => tokens("one"));
    answer("/api/organization", () => new Response("{}"));
    await session.signIn("a@b.c", "secret");
    await client.request("GET", "/api/organization", {});
    expect(seen[0]?.init.headers).toMatchObject({ "X-Session": "cookie", "Content-Type": "application/json" });
    expect(seen[1]?.init.headers).toMatchObject({ Authorization: "Bearer one" });
  });

  it("renews once for many requests that meet the token's end, and sends each again", async () => {
    const { session, client } = await load();
    answer("/api/auth/login", () => tokens("old"));
    await session.signIn("a@b.c", "secret");
    const guarded = (init: RequestInit) => (init.headers as Record<string, string>).Authorization === "Bearer new" ? new Response("1") : problem(401);
    answers.set("/api/organization", Array.from({ length: 6 }, () => guarded));
    answer("/api/auth/refresh", () => tokens("new"));
    expect(await Promise.all([1, 2, 3].map(() => client.request("GET", "/api/organization", {})))).toEqual([1, 1, 1]);
    expect(seen.filter(({ path }) => path === "/api/auth/refresh")).toHaveLength(1);
  });

  it("renews before the end, so that a stream does not begin with a refusal", async () => {
    vi.useFakeTimers();
    const { session, client } = await load();
    answer("/api/auth/login", () => tokens("old", 900));
    await session.signIn("a@b.c", "secret");
    vi.advanceTimersByTime(850_000);
    answer("/api/auth/refresh", () => tokens("new"));
    answer("/api/chat", () => new Response("data: [DONE]\n\n"));
    await client.open("POST", "/api/chat", { body: { message: "Hello" } });
    expect(seen.at(-1)?.init.headers).toMatchObject({ Authorization: "Bearer new" });
    vi.useRealTimers();
  });

  it("signs out when the session has ended, and not when the server is away", async () => {
    const { session, client } = await load();
    answer("/api/auth/login", () => tokens("old"));
    await session.signIn("a@b.c", "secret");
    answer("/api/organization", () => problem(401), () => problem(401));
    await expect(client.request("GET", "/api/organization", {})).rejects.toMatchObject({ status: 401 });
    expect(session.getSession().status).toBe("in"); // the refresh failed for want of a network
    answer("/api/auth/refresh", () => problem(401));
    await expect(client.request("GET", "/api/organization", {})).rejects.toMatchObject({ status: 401 });
    expect(session.getSession().status).toBe("out");
  });

  it("tells a page that starts that the server is away", async () => {
    const { session } = await load();
    localStorage.setItem("lexcustis.session", "1");
    await session.startSession();
    expect(session.getSession().status).toBe("unreachable");
    answer("/api/auth/refresh", () => tokens("new"));
    expect(await session.renew()).toBe(true);
    expect(session.getSession()).toMatchObject({ status: "in", user });
  });

  it("keeps the server's words, fields and seconds of a refusal", async () => {
    const { client } = await load();
    answer("/api/organization", () => new Response(JSON.stringify({ title: "Too many", detail: "Later", errors: { email: ["No."] } }), { status: 429, headers: { "Retry-After": "7" } }));
    await expect(client.request("GET", "/api/organization", {})).rejects.toMatchObject({ status: 429, title: "Too many", detail: "Later", errors: { email: ["No."] }, retryAfter: 7 });
    answer("/api/organization", () => new Response("<html>", { status: 502 }));
    await expect(client.request("GET", "/api/organization", {})).rejects.toMatchObject({ status: 502 });
  });
});

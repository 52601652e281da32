import { spawn, type ChildProcess } from "node:child_process";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import { expect, test as base, type BrowserContext, type BrowserContextOptions, type Page } from "@playwright/test";
import postgres from "postgres";

const needed = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these tests by make test, which starts what they need`);
  return value;
};

const usualAnswer = { pieces: ["Providers keep the logs for at least six months."], delay: 1 };

/** The binary on a free port, with a migrated database of its own and a model that answers as a test wants. */
export class App {
  url = "";
  upstreamUrl = "";
  /** What the model says, piece by piece, and how long it waits before each. */
  answer: { pieces: string[]; delay: number } = usualAnswer;
  private server: ChildProcess | null = null;
  private upstream: Server | null = null;
  private log = "";
  /** The checkpoint key and the anchors; a test may put files of its own there. */
  readonly folder = mkdtempSync(join(tmpdir(), "lexcustis-e2e-"));
  private readonly database = `e2e_${randomUUID().replaceAll("-", "")}`;

  async start(): Promise<void> {
    await this.onServer(sql => sql.unsafe(`CREATE DATABASE ${this.database} OWNER lexcustis_owner`));
    mkdirSync(join(this.folder, "anchors"));
    writeFileSync(join(this.folder, "checkpoint.pem"), generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    const environment = {
      NODE_ENV: "production" as const, // for Next.js's idea of an environment's type
      PATH: process.env.PATH,
      LEXCUSTIS_DATABASE_URL: this.databaseUrl("lexcustis", needed("LEXCUSTIS_TEST_APP_PASSWORD")),
      LEXCUSTIS_MIGRATION_DATABASE_URL: this.databaseUrl("lexcustis_owner", needed("LEXCUSTIS_TEST_OWNER_PASSWORD")),
      LEXCUSTIS_REDIS_URL: needed("LEXCUSTIS_TEST_REDIS_URL"),
      LEXCUSTIS_MASTER_KEYS: "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
      LEXCUSTIS_JWT_SECRET: "a-secret-for-tests-alone-of-forty-eight-bytes-..",
      RATE_LIMIT_PER_MINUTE: "100000",
      LEXCUSTIS_CHECKPOINT_KEY_FILE: join(this.folder, "checkpoint.pem"),
      LEXCUSTIS_CHECKPOINT_DIR: join(this.folder, "anchors"),
    };
    const migration = spawn(needed("LEXCUSTIS_BINARY"), ["migrate"], { env: environment, stdio: "pipe" });
    const [code] = await once(migration, "exit") as [number];
    if (code !== 0) throw new Error(`migrate ended with ${code}`);

    this.upstream = createServer((request, response) => void this.serveModel(request.url ?? "", response).catch(() => response.destroy())).listen(0, "127.0.0.1");
    await once(this.upstream, "listening");
    this.upstreamUrl = `http://127.0.0.1:${(this.upstream.address() as AddressInfo).port}/v1`;

    const free = createServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    this.url = `http://127.0.0.1:${(free.address() as AddressInfo).port}`;
    free.close();
    this.server = spawn(needed("LEXCUSTIS_BINARY"), [], { env: { ...environment, LEXCUSTIS_URLS: this.url }, stdio: "pipe" });
    for (const stream of [this.server.stdout, this.server.stderr]) stream?.on("data", (piece: Buffer) => this.log += piece.toString());
    for (let attempt = 0; attempt < 200; attempt++) {
      if (await fetch(`${this.url}/readyz`).then(answer => answer.ok, () => false)) return;
      await new Promise(resolve => setTimeout(resolve, 50));
    }

    throw new Error(`the server did not get ready:\n${this.log}`);
  }

  async stop(): Promise<void> {
    this.upstream?.closeAllConnections();
    this.upstream?.close();
    if (this.server?.exitCode === null) {
      this.server.kill("SIGKILL");
      await once(this.server, "exit");
    }

    await this.onServer(sql => sql.unsafe(`DROP DATABASE IF EXISTS ${this.database} WITH (FORCE)`));
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Statements as the superuser: what an attacker with the database could do. */
  async tamper(statement: string): Promise<void> {
    const sql = postgres(this.databaseUrl(), { max: 1, onnotice: () => undefined });
    await sql.unsafe(statement);
    await sql.end();
  }

  /** A request of a program, past the browser. */
  async call<T>(method: string, path: string, token: string | null, body?: unknown): Promise<T> {
    const answer = await fetch(this.url + path, {
      method, headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) }, body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }

  private async serveModel(path: string, response: import("node:http").ServerResponse): Promise<void> {
    if (!path.endsWith("/chat/completions")) {
      response.writeHead(404).end();
      return;
    }

    const { pieces, delay } = this.answer;
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    for (const piece of pieces) {
      if (delay > 0) await new Promise(resolve => setTimeout(resolve, delay));
      if (response.destroyed) return;
      response.write(`data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", created: 1, model: "scripted", choices: [{ index: 0, delta: { content: piece }, finish_reason: null }] })}\n\n`);
    }

    response.write(`data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", created: 1, model: "scripted", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })}\n\n`);
    response.end("data: [DONE]\n\n");
  }

  private databaseUrl(user?: string, password?: string): string {
    const url = new URL(needed("LEXCUSTIS_TEST_POSTGRES_URL"));
    url.pathname = `/${this.database}`;
    if (user) [url.username, url.password] = [user, encodeURIComponent(password ?? "")];
    return url.href;
  }

  private async onServer(work: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
    const url = new URL(needed("LEXCUSTIS_TEST_POSTGRES_URL"));
    url.pathname = "/postgres";
    const sql = postgres(url.href, { max: 1, onnotice: () => undefined });
    await work(sql);
    await sql.end();
  }
}

export interface Account {
  email: string;
  password: string;
  organization: string;
}

let accounts = 0;

export const test = base.extend<{ account: Account; complaints: string[]; newPage: (options?: BrowserContextOptions) => Promise<Page> }, { app: App }>({
  app: [async ({}, use) => {
    const app = new App();
    await app.start();
    await use(app);
    await app.stop();
  }, { scope: "worker" }],
  baseURL: async ({ app }, use) => use(app.url),
  account: async ({}, use, info) => {
    const number = ++accounts;
    await use({ email: `e2e-${info.workerIndex}-${number}@example.org`, password: "correct horse battery", organization: `Organization ${info.workerIndex}-${number}` });
  },
  /**
   * Whatever the pages complain of: errors on the console or thrown, requests to another origin, and a policy that allows what is unsafe.
   * Every test ends with none; one that provokes some takes those out.
   */
  complaints: [async ({ page, app }, use) => {
    const complaints: string[] = [];
    app.answer = usualAnswer; // a test of this worker may have left another
    watch(page, app, complaints);
    await use(complaints);
    expect(complaints).toEqual([]);
  }, { auto: true }],
  /** A page of another browser, as another person has it. */
  newPage: async ({ browser, app, complaints }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async options => {
      const context = await browser.newContext({ baseURL: app.url, locale: "en-GB", ...options });
      contexts.push(context);
      const page = await context.newPage();
      watch(page, app, complaints);
      return page;
    });
    for (const context of contexts) await context.close();
  },
});

export { expect };

export function watch(page: Page, app: App, complaints: string[]): void {
  page.on("console", message => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", failure => complaints.push(failure.message));
  page.on("request", request => !/^(?:data|blob):/.test(request.url()) && !request.url().startsWith(app.url) && complaints.push(`asked ${request.url()}`));
  page.on("response", response => {
    const policy = response.headers()["content-security-policy"] ?? "";
    if (policy.includes("unsafe")) complaints.push(`${response.url()} is allowed what is unsafe: ${policy}`);
    if (response.request().isNavigationRequest() && !policy.startsWith("default-src 'none'; script-src 'self' ")) complaints.push(`${response.url()} has no policy`);
  });
}

export async function register(page: Page, account: Account): Promise<void> {
  await page.goto("/register");
  await page.getByLabel("Organization name").fill(account.organization);
  await page.getByLabel("Email").fill(account.email);
  await page.getByLabel("Password").fill(account.password);
  await page.getByRole("button", { name: "Create organization" }).click();
  await expect(page.getByLabel("Message")).toBeVisible();
}

export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByLabel("Message")).toBeVisible();
}

export async function ask(page: Page, question: string): Promise<void> {
  await page.getByLabel("Message").fill(question);
  await page.getByRole("button", { name: "Send" }).click();
}

/** Points the organization at the scripted model. */
export async function useScriptedModel(app: App, account: Account): Promise<string> {
  const { access_token } = await app.call<{ access_token: string }>("POST", "/api/auth/login", null, { email: account.email, password: account.password });
  await app.call("PATCH", "/api/organization", access_token, { provider: "openai-compatible", base_url: app.upstreamUrl, model: "scripted" });
  return access_token;
}

/** axe finds nothing against WCAG 2.2 A and AA. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const axe = (window as unknown as { axe: typeof import("axe-core") }).axe;
    const result = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
    return result.violations.map(violation => `${violation.id}: ${violation.help} (${violation.nodes.map(node => `${node.target.join(" ")} ${node.any[0]?.message ?? ""}`).slice(0, 3).join("; ")})`);
  });
  expect(found).toEqual([]);
}

/** Kept for people to look at. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.LEXCUSTIS_SCREENSHOTS ?? "test-results/screenshots";
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png` });
}

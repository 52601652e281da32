import type { ProblemDetails } from "./types";
import { isObject } from "./unknown";

/** Everything that goes wrong between here and the server, in the server's own words where it had any. */
export class Problem extends Error {
  /** HTTP's status; 0 when the server could not be reached at all. */
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** What is wrong with a request, by the server's field names. */
  readonly errors: Readonly<Record<string, string[]>>;
  /** Seconds, from Retry-After. */
  readonly retryAfter: number | null;

  constructor(details: ProblemDetails, retryAfter: number | null = null) {
    super(details.detail ?? details.title ?? "");
    this.name = "Problem";
    this.status = details.status ?? 0;
    this.title = details.title ?? "";
    this.detail = details.detail ?? "";
    this.errors = details.errors ?? {};
    this.retryAfter = retryAfter;
  }

  static async of(response: Response): Promise<Problem> {
    return Problem.read(response.status, await response.text().catch(() => ""), response.headers.get("Retry-After"));
  }

  /** Reads what came with a refusal. A proxy may have answered in the server's place: what is no problem+json leaves the status alone. */
  static read(status: number, text: string, retryAfter: string | null): Problem {
    const seconds = Number(retryAfter ?? NaN);
    return new Problem({ ...detailsOf(text), status }, Number.isFinite(seconds) ? seconds : null);
  }

  static unreachable(): Problem {
    return new Problem({ status: 0 });
  }
}

function detailsOf(text: string): ProblemDetails {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return {}; // a page for people, or nothing
  }

  if (!isObject(found)) return {};
  return {
    title: typeof found.title === "string" ? found.title : undefined,
    detail: typeof found.detail === "string" ? found.detail : undefined,
    errors: isObject(found.errors) ? Object.fromEntries(Object.entries(found.errors).map(([field, words]) => [field, Array.isArray(words) ? words.map(String) : []])) : undefined,
  };
}

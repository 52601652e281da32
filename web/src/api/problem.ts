import type { ProblemDetails } from "./types";

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
    const seconds = Number(response.headers.get("Retry-After") ?? NaN);
    let details: ProblemDetails = {};
    try {
      details = await response.json() as ProblemDetails;
    } catch {
      // A proxy's page, or nothing: the status has to do.
    }

    return new Problem({ ...details, status: response.status }, Number.isFinite(seconds) ? seconds : null);
  }

  static unreachable(): Problem {
    return new Problem({ status: 0 });
  }
}

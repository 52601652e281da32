import { Problem } from "./problem";
import { accessToken, renew } from "./session";
import type { ProblemDetails } from "./types";

/**
 * Sends one file as multipart/form-data and answers status and JSON; tells how many bytes have left, which fetch can't.
 * Throws {@link Problem}, or an AbortError.
 */
export async function sendFile<T>(path: string, file: File, onProgress: (sent: number) => void, signal?: AbortSignal): Promise<{ status: number; json: T }> {
  const first = await send(path, file, onProgress, signal);
  const answer = first.status === 401 && await renew() ? await send(path, file, onProgress, signal) : first;
  if (answer.status >= 200 && answer.status < 300) return { status: answer.status, json: JSON.parse(answer.text) as T };
  let details: ProblemDetails = {};
  try {
    details = JSON.parse(answer.text) as ProblemDetails;
  } catch {
    // A proxy's page, or nothing: the status has to do.
  }

  throw new Problem({ ...details, status: answer.status }, answer.retryAfter);
}

async function send(path: string, file: File, onProgress: (sent: number) => void, signal?: AbortSignal): Promise<{ status: number; text: string; retryAfter: number | null }> {
  const token = await accessToken();
  return new Promise((resolve, reject) => {
    const abort = () => request.abort();
    const request = new XMLHttpRequest();
    request.open("POST", path);
    if (token) request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.upload.onprogress = event => onProgress(event.loaded);
    request.onload = () => {
      const seconds = Number(request.getResponseHeader("Retry-After") ?? NaN);
      resolve({ status: request.status, text: request.responseText, retryAfter: Number.isFinite(seconds) ? seconds : null });
    };
    request.onerror = () => reject(Problem.unreachable());
    request.onabort = () => reject(new DOMException("The upload was stopped", "AbortError"));
    request.onloadend = () => signal?.removeEventListener("abort", abort);
    signal?.addEventListener("abort", abort);
    const form = new FormData();
    form.append("file", file);
    request.send(form);
    if (signal?.aborted) abort();
  });
}

import { addressOf, read, type AnswerOf, type UploadIds, type UploadPath } from "./description";
import { Problem } from "./problem";
import { accessToken, renew } from "./session";

/**
 * Sends one file as multipart/form-data and answers status and JSON; tells how many bytes have left, which fetch can't.
 * Throws {@link Problem}, or an AbortError.
 */
export async function sendFile<P extends UploadPath>(
  path: P, { path: ids }: UploadIds<P>, file: File, onProgress: (sent: number) => void, signal?: AbortSignal,
): Promise<{ status: number; json: AnswerOf<"POST", P> }> {
  const address = addressOf(path, ids);
  const first = await send(address, file, onProgress, signal);
  const answer = first.status === 401 && await renew() ? await send(address, file, onProgress, signal) : first;
  if (answer.status >= 200 && answer.status < 300) return { status: answer.status, json: read<AnswerOf<"POST", P>>(answer.text) };
  throw Problem.read(answer.status, answer.text, answer.retryAfter);
}

async function send(address: string, file: File, onProgress: (sent: number) => void, signal?: AbortSignal): Promise<{ status: number; text: string; retryAfter: string | null }> {
  const token = await accessToken();
  return new Promise((resolve, reject) => {
    const abort = () => request.abort();
    const request = new XMLHttpRequest();
    request.open("POST", address);
    if (token) request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.upload.onprogress = event => onProgress(event.loaded);
    request.onload = () => resolve({ status: request.status, text: request.responseText, retryAfter: request.getResponseHeader("Retry-After") });
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

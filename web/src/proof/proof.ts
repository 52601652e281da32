// Checks an entry's proof of inclusion in the browser: C2SP tlog-proof@v1 with a signed checkpoint, RFC 9162 hashing,
// signatures ECDSA P-256 over SHA-256. Nothing is asked of the server but the proof and the public key.

export class ProofError extends Error {}

export interface Checkpoint {
  origin: string;
  size: number;
  root: Uint8Array<ArrayBuffer>;
  /** What is signed, its last line feed included. */
  text: string;
  signatures: { keyId: string; der: Uint8Array<ArrayBuffer> }[];
}

export interface Proof {
  entryHash: Uint8Array<ArrayBuffer>;
  /** The entry's exact text, as it was hashed. */
  body: string;
  leaf: Uint8Array<ArrayBuffer>;
  /** Sequence - 1. */
  index: number;
  path: Uint8Array<ArrayBuffer>[];
  checkpoint: Checkpoint;
}

export interface CheckedProof {
  entryHash: string;
  sequence: number;
  /** Entries of the tree that is signed. */
  treeSize: number;
  /** Hashes that were recomputed on the way to the root. */
  steps: number;
  origin: string;
  keyId: string;
}

const HASH = 32;
const SIGNATURE = "\u2014 ";

export function parseProof(text: string): Proof {
  const blank = text.indexOf("\n\n");
  const lines = text.slice(0, blank).split("\n");
  const [format, extra, index, ...path] = lines;
  if (blank < 0 || format !== "c2sp.org/tlog-proof@v1" || !extra?.startsWith("extra ") || !/^index \d{1,15}$/.test(index ?? "")) throw new ProofError("not a tlog-proof@v1");
  const data = bytesOf(extra.slice("extra ".length));
  if (data.length < HASH) throw new ProofError("the proof has no entry");
  const hashes = path.map(bytesOf);
  if (hashes.some(hash => hash.length !== HASH)) throw new ProofError("a hash of the path has another length");
  return {
    entryHash: data.slice(0, HASH),
    body: new TextDecoder("utf-8", { fatal: true }).decode(data.slice(HASH)),
    leaf: data,
    index: Number(index!.slice("index ".length)),
    path: hashes,
    checkpoint: parseCheckpoint(noteOf(text)),
  };
}

/** The signed checkpoint that a proof ends with, as it was signed. */
export const noteOf = (proof: string): string => proof.slice(proof.indexOf("\n\n") + 2);

export function parseCheckpoint(note: string): Checkpoint {
  const blank = note.lastIndexOf("\n\n");
  const text = note.slice(0, blank + 1);
  const [origin, size, root, ...rest] = text.split("\n");
  if (blank < 0 || !origin || !/^\d{1,15}$/.test(size ?? "") || !root || rest.join("") !== "") throw new ProofError("not a signed checkpoint");
  const signatures = note.slice(blank + 2).split("\n").filter(line => line !== "").map(line => {
    const value = line.startsWith(SIGNATURE) ? bytesOf(line.slice(line.lastIndexOf(" ") + 1)) : new Uint8Array();
    if (value.length <= 4) throw new ProofError("a line of the checkpoint is no signature");
    return { keyId: hex(value.slice(0, 4)), der: value.slice(4) };
  });
  const rootHash = bytesOf(root);
  if (rootHash.length !== HASH) throw new ProofError("the checkpoint's root has another length");
  return { origin, size: Number(size), root: rootHash, text, signatures };
}

/** RFC 9162, 2.1.3.2: the root that the leaf at `index` leads to by its path, in a tree of `size` leaves. */
export async function rootOf(leaf: Uint8Array<ArrayBuffer>, index: number, size: number, path: readonly Uint8Array<ArrayBuffer>[]): Promise<Uint8Array<ArrayBuffer>> {
  if (index >= size) throw new ProofError("the entry is not in the tree that is signed");
  let [at, last] = [index, size - 1];
  let hash = await sha256(Uint8Array.of(0), leaf);
  for (const sibling of path) {
    if (last === 0) throw new ProofError("the path is too long");
    if (at % 2 === 1 || at === last) {
      hash = await sha256(Uint8Array.of(1), sibling, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    } else {
      hash = await sha256(Uint8Array.of(1), hash, sibling);
    }

    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }

  if (last !== 0) throw new ProofError("the path is too short");
  return hash;
}

/**
 * Checks all of it: the path leads from the entry to the root, a key among `publicKeys` signed that root, and the entry is
 * the one that the receipt names, with the receipt's hash where it has one. Throws {@link ProofError} naming what does not hold.
 */
export async function checkProof(
  proofText: string, publicKeys: string, receipt: { id: string; sequence: number; entry_hash?: string }, organization: string,
): Promise<CheckedProof> {
  const proof = parseProof(proofText);
  const { checkpoint } = proof;
  const entryHash = hex(proof.entryHash);
  if (receipt.entry_hash !== undefined && receipt.entry_hash !== entryHash) throw new ProofError("the log has another hash for this entry than the receipt");
  if (proof.index + 1 !== receipt.sequence) throw new ProofError("the proof is for another place in the log");
  const body = JSON.parse(proof.body) as { id?: unknown; seq?: unknown; org?: unknown };
  if (body.id !== receipt.id || body.seq !== receipt.sequence || body.org !== organization) throw new ProofError("the proof is for another entry");
  if (!checkpoint.origin.endsWith(`/${organization}`)) throw new ProofError("the checkpoint is of another organization's log");

  const root = await rootOf(proof.leaf, proof.index, checkpoint.size, proof.path);
  if (hex(root) !== hex(checkpoint.root)) throw new ProofError("the path does not lead to the root that was signed");
  const keyId = await signer(checkpoint, publicKeys);
  if (keyId === null) throw new ProofError("no known key signed the checkpoint");
  return { entryHash, sequence: receipt.sequence, treeSize: checkpoint.size, steps: proof.path.length + 1, origin: checkpoint.origin, keyId };
}

/** The id of the key that signed the checkpoint, or null when none of these did. */
export async function signer(checkpoint: Checkpoint, publicKeys: string): Promise<string | null> {
  for (const [, base64] of publicKeys.matchAll(/-----BEGIN PUBLIC KEY-----([\s\S]+?)-----END PUBLIC KEY-----/g)) {
    const spki = bytesOf(base64!.replace(/\s/g, ""));
    const keyId = hex(await sha256(spki)).slice(0, 8);
    const signature = checkpoint.signatures.find(one => one.keyId === keyId);
    if (!signature) continue;
    const key = await crypto.subtle.importKey("spki", spki, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
    if (await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, rawSignature(signature.der), new TextEncoder().encode(checkpoint.text))) return keyId;
  }

  return null;
}

/** The two numbers of a DER signature one after another, 32 bytes each, as WebCrypto takes them. */
export function rawSignature(der: Uint8Array): Uint8Array<ArrayBuffer> {
  const raw = new Uint8Array(2 * HASH);
  if (der[0] !== 0x30 || der[1] !== der.length - 2) throw new ProofError("the signature is not DER");
  let at = 2;
  for (const end of [HASH, 2 * HASH]) {
    const length = der[at + 1] ?? 0;
    const number = der.slice(at + 2, at + 2 + length);
    const digits = number.slice(number.findIndex(byte => byte !== 0));
    if (der[at] !== 0x02 || number.length !== length || length === 0 || digits.length > HASH) throw new ProofError("the signature is not DER");
    raw.set(digits, end - digits.length);
    at += 2 + length;
  }

  if (at !== der.length) throw new ProofError("the signature is not DER");
  return raw;
}

/** Browsers give cryptography to pages that came under TLS or from this machine alone. */
export const canCheckHere = (): boolean => typeof crypto !== "undefined" && crypto.subtle !== undefined;

export const hex = (bytes: Uint8Array): string => Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("");

async function sha256(...parts: Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }

  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  let text: string;
  try {
    text = atob(base64);
  } catch {
    throw new ProofError("a line is not base64");
  }

  return Uint8Array.from(text, character => character.charCodeAt(0));
}

import { beforeAll, describe, expect, it } from "vitest";
import { checkProof, hex, parseCheckpoint, parseProof, ProofError, rawSignature, rootOf } from "@/proof/proof";

type Bytes = Uint8Array<ArrayBuffer>;
const organization = "018f4e6a-7c1b-7a52-9d3e-0b5a6c7d8e9f";
const sha256 = async (...parts: Uint8Array[]) => new Uint8Array(await crypto.subtle.digest("SHA-256", Buffer.concat(parts)));
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

/** RFC 9162, 2.1.1 and 2.1.3.1, word for word: the tests' own idea of a tree. */
async function root(leaves: Bytes[]): Promise<Bytes> {
  if (leaves.length === 1) return sha256(Uint8Array.of(0), leaves[0]!);
  const split = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return sha256(Uint8Array.of(1), await root(leaves.slice(0, split)), await root(leaves.slice(split)));
}

async function path(leaves: Bytes[], index: number): Promise<Bytes[]> {
  if (leaves.length === 1) return [];
  const split = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return index < split
    ? [...await path(leaves.slice(0, split), index), await root(leaves.slice(split))]
    : [...await path(leaves.slice(split), index - split), await root(leaves.slice(0, split))];
}

function der(raw: Uint8Array): Uint8Array {
  const number = (bytes: Uint8Array) => {
    const digits = bytes.slice(Math.max(0, bytes.findIndex(byte => byte !== 0)));
    const signed = digits[0]! >= 0x80 ? Uint8Array.of(0, ...digits) : digits;
    return Uint8Array.of(2, signed.length, ...signed);
  };
  const numbers = [...number(raw.slice(0, 32)), ...number(raw.slice(32))];
  return Uint8Array.of(0x30, numbers.length, ...numbers);
}

const idOf = (sequence: number) => `018f4e6a-7c1b-7a52-9d3e-${String(sequence).padStart(12, "0")}`;
const entry = async (sequence: number) => {
  const hash = await sha256(Uint8Array.of(sequence));
  const body = JSON.stringify({ v: 1, org: organization, seq: sequence, id: idOf(sequence), note: "Société 🧾" });
  return { hash, leaf: new Uint8Array(Buffer.concat([hash, Buffer.from(body)])) };
};

describe("proofs", () => {
  let keys: CryptoKeyPair;
  let pem = "";
  let keyId: Uint8Array;

  const note = async (size: number, rootHash: Uint8Array, origin = `log.example/${organization}`) => {
    const text = `${origin}\n${size}\n${base64(rootHash)}\n`;
    const signature = new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, keys.privateKey, Buffer.from(text)));
    return `${text}\n— ${origin} ${base64(Buffer.concat([keyId, der(signature)]))}\n`;
  };
  const proofOf = async (sequence: number, size: number, origin?: string) => {
    const leaves = await Promise.all(Array.from({ length: size }, async (_, index) => (await entry(index + 1)).leaf));
    const hashes = (await path(leaves, sequence - 1)).map(base64).join("\n");
    return `c2sp.org/tlog-proof@v1\nextra ${base64(leaves[sequence - 1]!)}\nindex ${sequence - 1}\n${hashes ? `${hashes}\n` : ""}\n${await note(size, await root(leaves), origin)}`;
  };
  const receipt = async (sequence: number) => ({ id: idOf(sequence), sequence, entry_hash: hex((await entry(sequence)).hash) });

  beforeAll(async () => {
    keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
    const spki = new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey));
    pem = `-----BEGIN PUBLIC KEY-----\n${base64(spki).replace(/(.{64})/g, "$1\n")}\n-----END PUBLIC KEY-----\n`;
    keyId = (await sha256(spki)).slice(0, 4);
  });

  it("hold for every entry of every tree", async () => {
    for (let size = 1; size <= 20; size++) {
      const leaves = await Promise.all(Array.from({ length: size }, async (_, index) => (await entry(index + 1)).leaf));
      const expected = hex(await root(leaves));
      for (let index = 0; index < size; index++) {
        const hashes = await path(leaves, index);
        expect(hex(await rootOf(leaves[index]!, index, size, hashes)), `${index} of ${size}`).toBe(expected);
        await expect(rootOf(leaves[index]!, index, size, [...hashes, leaves[0]!.slice(0, 32)])).rejects.toThrow(ProofError);
        if (hashes.length > 0) await expect(rootOf(leaves[index]!, index, size, hashes.slice(1)).then(hex)).rejects.toThrow(ProofError);
      }
    }
  });

  it("are checked whole: entry, path, root and signature", async () => {
    for (const [sequence, size] of [[1, 1], [3, 7], [7, 7], [5, 8]] as const) {
      const checked = await checkProof(await proofOf(sequence, size), pem, await receipt(sequence), organization);
      expect(checked).toMatchObject({ sequence, treeSize: size, keyId: hex(keyId), entryHash: (await receipt(sequence)).entry_hash });
    }
  });

  it("work by a retired key as well, and by a receipt that has no hash", async () => {
    const other = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
    const current = `-----BEGIN PUBLIC KEY-----\n${base64(new Uint8Array(await crypto.subtle.exportKey("spki", other.publicKey)))}\n-----END PUBLIC KEY-----\n`;
    const { id, sequence } = await receipt(2);
    await expect(checkProof(await proofOf(2, 5), current + pem, { id, sequence }, organization)).resolves.toMatchObject({ sequence: 2 });
    await expect(checkProof(await proofOf(2, 5), current, { id, sequence }, organization)).rejects.toThrow("no known key");
  });

  it("name what does not hold", async () => {
    const proof = await proofOf(3, 7);
    const wanted = await receipt(3);
    await expect(checkProof(proof, pem, { ...wanted, entry_hash: "00".repeat(32) }, organization)).rejects.toThrow("another hash");
    await expect(checkProof(proof, pem, await receipt(4).then(other => ({ ...other, entry_hash: wanted.entry_hash })), organization)).rejects.toThrow("another place");
    await expect(checkProof(proof, pem, { ...wanted, id: idOf(9) }, organization)).rejects.toThrow("another entry");
    await expect(checkProof(proof, pem, wanted, idOf(1))).rejects.toThrow("another entry");
    await expect(checkProof(await proofOf(3, 7, `log.example/${idOf(1)}`), pem, wanted, organization)).rejects.toThrow("another organization");

    const lines = proof.split("\n");
    const changed = (at: number, change: (line: string) => string) => lines.map((line, index) => index === at ? change(line) : line).join("\n");
    await expect(checkProof(changed(3, () => base64(new Uint8Array(32))), pem, wanted, organization)).rejects.toThrow("does not lead to the root");
    const body = Buffer.from(lines[1]!.slice(6), "base64");
    body[body.length - 3]! ^= 1;
    await expect(checkProof(changed(1, () => `extra ${body.toString("base64")}`), pem, wanted, organization)).rejects.toThrow("does not lead to the root");
    const signature = lines.findIndex(line => line.startsWith("—"));
    await expect(checkProof(changed(signature, line => line.replace(/.(?=....$)/, one => one === "A" ? "B" : "A")), pem, wanted, organization)).rejects.toThrow(ProofError);
    const size = lines.indexOf("7");
    await expect(checkProof(changed(size, () => "8"), pem, wanted, organization)).rejects.toThrow(ProofError);
  });

  it("are refused when they are no proofs", () => {
    for (const text of ["", "c2sp.org/tlog-proof@v1\n\n", "c2sp.org/tlog-proof@v1\nextra AA==\nindex 0\n\nx\n1\nAA==\n\n", "hello\n\nworld"]) expect(() => parseProof(text)).toThrow(ProofError);
    for (const text of ["", "origin\n1\n", "origin\nx\nAAAA\n\n— a AAAAAAA=\n"]) expect(() => parseCheckpoint(text)).toThrow(ProofError);
    for (const bytes of [[], [0x30, 0], [0x30, 6, 2, 1, 1, 2, 9, 1], [0x30, 6, 2, 1, 1, 3, 1, 1]]) expect(() => rawSignature(Uint8Array.from(bytes))).toThrow(ProofError);
  });
});

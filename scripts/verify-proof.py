#!/usr/bin/env python3
"""Checks what a LexCustis log signed. Needs Python 3.9 or later and openssl, LexCustis least of all.

    verify-proof.py inclusion PROOF --key PEM [--receipt SEQUENCE:ENTRY_HASH]
    verify-proof.py consistency PROOF --key PEM [--old CHECKPOINT]
    verify-proof.py notes FILE --key PEM

  inclusion    a GET /api/audit/{id}/proof: the entry that the proof carries is in the tree that was signed, and, with a receipt
               (hexadecimal hash), is the entry that the receipt is for
  consistency  a GET /api/audit/consistency: the signed tree begins with the one of --old, a signed checkpoint; without it only the
               new checkpoint's signature is checked, since a proof for a root that nobody kept proves nothing
  notes        an anchor file: each whole note is signed, and no tree is smaller than the one before

PEM is GET /api/audit/public-key, kept since; it may hold several keys. Written from the descriptions of the formats alone: C2SP
signed-note, tlog-checkpoint, tlog-proof, tlog-witness, and RFC 9162, section 2.1.

Exit 0: it holds. 1: it does not, with a line that says why. 2: wrong use, or a file that cannot be read.
"""
import argparse
import base64
import binascii
import hashlib
import os
import re
import subprocess
import sys
import tempfile

MARK = "\u2014 "


class Refused(Exception):
    """Why it does not hold; the message says it."""


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def decode(text, length=None):
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(f"not base64: {text!r}") from None
    if length is not None and len(value) != length:
        raise Refused(f"not {length} bytes: {text!r}")
    return value


def decimal(text):
    if not re.fullmatch(r"0|[1-9][0-9]*", text):
        raise Refused(f"not a size: {text!r}")
    return int(text)


def read_keys(pem):
    """Key id to PEM block. The id is the beginning of SHA-256 of the SubjectPublicKeyInfo."""
    keys = {}
    for block in re.findall(r"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", pem, re.DOTALL):
        keys[sha256(base64.b64decode("".join(block.splitlines()[1:-1])))[:4]] = block + "\n"
    if not keys:
        raise Refused("there is no PEM public key")
    return keys


def is_signed(text, signature, pem):
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("text", "signature", "key.pem")]
        for path, content in zip(paths, (text, signature, pem.encode())):
            with open(path, "wb") as file:
                file.write(content)
        run = subprocess.run(["openssl", "dgst", "-sha256", "-verify", paths[2], "-signature", paths[1], paths[0]], capture_output=True, check=False)
        return run.returncode == 0


class Checkpoint:
    def __init__(self, note, keys):
        text, blank, signatures = note.rpartition("\n\n")
        lines = (text + "\n").split("\n")
        if not blank or not note.endswith("\n") or len(lines) != 4 or lines[3]:
            raise Refused("the checkpoint is not three lines, an empty line and signatures")
        self.origin, self.size, self.root = lines[0], decimal(lines[1]), decode(lines[2], 32)
        if not self.origin:
            raise Refused("the checkpoint has no origin")
        for line in signatures[:-1].split("\n"):
            name, space, value = line.removeprefix(MARK).rpartition(" ")
            if not line.startswith(MARK) or not space:
                raise Refused("a signature line is malformed")
            value = decode(value)
            if name == self.origin and value[:4] in keys:
                if is_signed((text + "\n").encode(), value[4:], keys[value[:4]]):
                    return
                raise Refused("the checkpoint's signature does not verify")
        raise Refused("the checkpoint is not signed by the key given")


def root_of_inclusion(index, size, leaf, path):
    """RFC 9162, section 2.1.3.2."""
    if index >= size:
        raise Refused("the index lies outside of the tree")
    node, last, result = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise Refused("the path is too long")
        if node & 1 or node == last:
            result = sha256(b"\x01", sibling, result)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            result = sha256(b"\x01", result, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise Refused("the path is too short")
    return result


def check_consistency(old_size, size, old_root, root, path):
    """RFC 9162, section 2.1.4.2."""
    if old_size > size:
        raise Refused("the old tree is larger than the new one")
    if old_size in (0, size):
        if path or (old_size and old_root != root):
            raise Refused("equal trees differ, or a proof where none is needed")
        return
    if old_size & (old_size - 1) == 0:
        path = [old_root] + path
    if not path:
        raise Refused("the path is too short")
    node, last = old_size - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    older = newer = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise Refused("the path is too long")
        if node & 1 or node == last:
            older, newer = sha256(b"\x01", sibling, older), sha256(b"\x01", sibling, newer)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            newer = sha256(b"\x01", newer, sibling)
        node, last = node >> 1, last >> 1
    if last or older != old_root:
        raise Refused("the proof does not begin with the old tree")
    if newer != root:
        raise Refused("the proof does not lead to the new root")


def split(text):
    head, blank, note = text.partition("\n\n")
    if not blank:
        raise Refused("there is no checkpoint after an empty line")
    return head.split("\n"), note


def inclusion(text, keys, receipt):
    lines, note = split(text)
    if len(lines) < 3 or lines[0] != "c2sp.org/tlog-proof@v1" or not lines[1].startswith("extra ") or not lines[2].startswith("index "):
        raise Refused("it does not begin as a tlog-proof with the entry as extra data")
    entry, index = decode(lines[1][len("extra "):]), decimal(lines[2][len("index "):])
    checkpoint = Checkpoint(note, keys)
    if root_of_inclusion(index, checkpoint.size, sha256(b"\x00", entry), [decode(line, 32) for line in lines[3:]]) != checkpoint.root:
        raise Refused("the path does not lead to the signed root")
    if receipt and receipt.lower() != f"{index + 1}:{entry[:32].hex()}":
        raise Refused("the receipt is for another entry")
    print(f"{checkpoint.origin}: entry {index + 1} of {checkpoint.size} is in the signed tree")
    print(f"entry_hash {entry[:32].hex()}")
    print(entry[32:].decode("utf-8"))


def consistency(text, keys, old):
    lines, note = split(text)
    if not lines[0].startswith("old "):
        raise Refused("it does not begin with the old tree's size")
    size, checkpoint = decimal(lines[0][len("old "):]), Checkpoint(note, keys)
    path = [decode(line, 32) for line in lines[1:]]
    if old is None:
        print(f"{checkpoint.origin}: {checkpoint.size} entries signed; without --old nothing is said about {size}")
        return
    older = Checkpoint(old, keys)
    if older.origin != checkpoint.origin or older.size != size:
        raise Refused("the old checkpoint is of another log or size")
    check_consistency(size, checkpoint.size, older.root, checkpoint.root, path)
    print(f"{checkpoint.origin}: the {checkpoint.size} entries begin with the {size}")


def notes(text, keys):
    before, count = 0, 0
    # Text, an empty line, signatures, an empty line. A crash may have torn a note: half a pair is passed over.
    paragraphs = text.split("\n\n")
    for head, signatures in zip(paragraphs, paragraphs[1:]):
        if not signatures.startswith(MARK) or head.startswith(MARK):
            continue
        checkpoint = Checkpoint(f"{head.strip(chr(10))}\n\n{signatures.strip(chr(10))}\n", keys)
        if checkpoint.size < before:
            raise Refused(f"a tree of {checkpoint.size} entries follows one of {before}")
        before, count = checkpoint.size, count + 1
    if not count:
        raise Refused("there is no note")
    print(f"{count} notes, the last of {before} entries")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["inclusion", "consistency", "notes"])
    parser.add_argument("file")
    parser.add_argument("--key", required=True)
    parser.add_argument("--receipt")
    parser.add_argument("--old")
    given = parser.parse_args()
    try:
        text, pem, old = (open(path, encoding="utf-8", newline="").read() if path else None for path in (given.file, given.key, given.old))
    except (OSError, UnicodeError) as wrong:
        print(f"verify-proof.py: {wrong}", file=sys.stderr)
        return 2
    try:
        keys = read_keys(pem)
        if given.what == "inclusion":
            inclusion(text, keys, given.receipt)
        elif given.what == "consistency":
            consistency(text, keys, old)
        else:
            notes(text, keys)
    except (Refused, UnicodeError) as why:
        print(f"DOES NOT HOLD: {why}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

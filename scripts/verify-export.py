#!/usr/bin/env python3
"""Verifies an export of a LexCustis audit log. Needs Python 3.9 or later and nothing else, LexCustis least of all.

    verify-export.py EXPORT.jsonl      or - for standard input

It is written from the description of the audit chain's format alone. What it checks:

  always      each line's form, the sequence without a gap, each link to the entry before, and that line and body agree
  with keys   each entry's HMAC: set LEXCUSTIS_MASTER_KEYS=kid:base64,kid:base64 as the server has it

and it prints the Merkle tree's size and root, to be held against a checkpoint. Without the keys only that root, compared
with one that was kept elsewhere, shows whether a body was changed.

Exit 0: nothing found. 1: something is wrong, a line for each. 2: wrong use, or a file that cannot be read.
"""
import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import sys
import uuid

GENESIS = "00" * 32
HASH = re.compile(r"[0-9a-f]{64}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
BODY_MEMBERS = ["v", "kid", "org", "seq", "id", "at", "type", "actor", "subject", "content_sha256", "data"]
OPTIONAL = {"actor", "subject", "content_sha256"}


class Malformed(Exception):
    """What is wrong with a line; the message says it."""


def read_keys(text):
    keys = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        kid, colon, key = part.partition(":")
        try:
            keys[kid] = base64.b64decode(key, validate=True)
        except binascii.Error:
            keys[kid] = b""
        if not colon or len(keys[kid]) != 32:
            raise ValueError("LEXCUSTIS_MASTER_KEYS is not a list of kid:base64(32 bytes)")
    return keys


def organization_key(master, organization):
    """HKDF-SHA256 (RFC 5869) for 32 bytes, which is one round."""
    extracted = hmac.new(organization.bytes, master, hashlib.sha256).digest()
    return hmac.new(extracted, b"lexcustis/audit-chain/v1" + b"\x01", hashlib.sha256).digest()


def read_object(text):
    """A JSON object whose members stand once each; json alone would take the last of two."""

    def once(pairs):
        if len({name for name, _ in pairs}) != len(pairs):
            raise Malformed("a member stands twice")
        return dict(pairs)

    try:
        value = json.loads(text, object_pairs_hook=once)
    except ValueError as wrong:
        raise Malformed(f"it is not JSON ({wrong})") from None
    if not isinstance(value, dict):
        raise Malformed("it is not a JSON object")
    return value


def is_uuid(text):
    try:
        return isinstance(text, str) and str(uuid.UUID(text)) == text
    except ValueError:
        return False


def is_whole(number):
    return isinstance(number, int) and not isinstance(number, bool)


def read_line(line):
    row = read_object(line)
    if list(row) != ["sequence", "body", "previous_hash", "entry_hash"]:
        raise Malformed("its members are not sequence, body, previous_hash, entry_hash")
    if not is_whole(row["sequence"]) or not isinstance(row["body"], str):
        raise Malformed("its sequence or body is of the wrong type")
    if not all(isinstance(row[name], str) and HASH.fullmatch(row[name]) for name in ("previous_hash", "entry_hash")):
        raise Malformed("a hash is not 64 hexadecimal digits")
    return row


def read_body(text):
    body = read_object(text)
    if list(body) != [name for name in BODY_MEMBERS if name in body or name not in OPTIONAL]:
        raise Malformed("the body's members are not those of the format, in its order")
    if body["v"] != 1 or not is_whole(body["v"]):
        raise Malformed("the body is of another version than 1")
    if not (is_whole(body["seq"]) and isinstance(body["kid"], str) and isinstance(body["type"], str) and isinstance(body["data"], dict)):
        raise Malformed("a member of the body is of the wrong type")
    if not (is_uuid(body["org"]) and is_uuid(body["id"]) and is_uuid(body.get("subject", body["id"]))):
        raise Malformed("an id in the body is not a UUID")
    if not isinstance(body["at"], str) or not TIME.fullmatch(body["at"]):
        raise Malformed("the body's time is not RFC 3339 with six digits and Z")
    if "actor" in body and (not isinstance(body["actor"], dict) or list(body["actor"]) != ["user_id", "role", "via"]):
        raise Malformed("the body's actor is not user_id, role, via")
    if "content_sha256" in body and not (isinstance(body["content_sha256"], str) and HASH.fullmatch(body["content_sha256"])):
        raise Malformed("the body's content_sha256 is not 64 hexadecimal digits")
    return body


class Tree:
    """The root of RFC 9162's tree in logarithmic memory: the whole subtrees so far, largest first."""

    def __init__(self):
        self.size = 0
        self.subtrees = []

    def append(self, entry_hash, body):
        node, size = hashlib.sha256(b"\x00" + entry_hash + body).digest(), self.size
        while size & 1:
            node = hashlib.sha256(b"\x01" + self.subtrees.pop() + node).digest()
            size >>= 1
        self.subtrees.append(node)
        self.size += 1

    def root(self):
        if not self.subtrees:
            return hashlib.sha256(b"").digest()
        node = self.subtrees[-1]
        for left in reversed(self.subtrees[:-1]):
            node = hashlib.sha256(b"\x01" + left + node).digest()
        return node


def verify(lines, keys):
    """Yields what is wrong, and returns (tree, organization, HMACs verified)."""
    tree, organization, verified, derived = Tree(), None, 0, {}
    expected, previous = 1, GENESIS
    for number, line in enumerate(lines, 1):
        try:
            text = line.decode("utf-8")
            if not text.endswith("\n"):
                yield f"line {number}: it is not complete, no line feed ends it"
            row = read_line(text.rstrip("\n"))
            body = read_body(row["body"])
            bytes_of_body = row["body"].encode("utf-8")
        except (Malformed, UnicodeError) as wrong:
            yield f"line {number}: {wrong}"
            expected, previous = expected + 1, None
            continue

        here = f"sequence {row['sequence']}"
        if row["sequence"] != expected:
            yield f"{here}: sequence_gap, {expected} was to follow"
        if previous is not None and row["previous_hash"] != previous:
            yield f"{here}: broken_link, previous_hash is not the entry_hash before it"
        organization = organization or body["org"]
        if body["seq"] != row["sequence"]:
            yield f"{here}: the body says sequence {body['seq']}"
        if body["org"] != organization:
            yield f"{here}: it belongs to another organization, {body['org']}"
        if keys:
            if body["kid"] not in keys:
                yield f"{here}: unknown_key {body['kid']}"
            else:
                place = (body["kid"], body["org"])
                if place not in derived:
                    derived[place] = organization_key(keys[body["kid"]], uuid.UUID(body["org"]))
                hashed = hmac.new(derived[place], bytes.fromhex(row["previous_hash"]) + bytes_of_body, hashlib.sha256).hexdigest()
                if hmac.compare_digest(hashed, row["entry_hash"]):
                    verified += 1
                else:
                    yield f"{here}: hash_mismatch"
        tree.append(bytes.fromhex(row["entry_hash"]), bytes_of_body)
        expected, previous = row["sequence"] + 1, row["entry_hash"]
    return tree, organization, verified


def main(arguments):
    if len(arguments) != 1 or arguments[0] in ("-h", "--help"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        keys = read_keys(os.environ.get("LEXCUSTIS_MASTER_KEYS", ""))
        with sys.stdin.buffer if arguments[0] == "-" else open(arguments[0], "rb") as export:
            findings, run = 0, verify(export, keys)
            while True:
                try:
                    print(next(run))
                    findings += 1
                except StopIteration as end:
                    tree, organization, verified = end.value
                    break
    except (OSError, ValueError) as wrong:
        print(f"verify-export.py: {wrong}", file=sys.stderr)
        return 2

    print(f"organization {organization}")
    print(f"entries      {tree.size}")
    print(f"HMACs        {f'{verified} verified' if keys else 'not checked: LEXCUSTIS_MASTER_KEYS is not set'}")
    print(f"Merkle root  {base64.b64encode(tree.root()).decode()}")
    print("clean" if findings == 0 else f"NOT CLEAN: {findings} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

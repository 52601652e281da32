#!/usr/bin/env python3
"""Verifies a LexCustis dossier. Needs Python 3.9 or later and the program `openssl`; nothing else, LexCustis least of all.

    verify.py DOSSIER.zip [--public-key KEY.pem]

Take the key from somewhere else than the dossier (GET /api/audit/public-key, a letter, an earlier dossier): with the key
that lies in the dossier only its agreement with itself is checked. VERIFY.md says what each check means.

Exit 0: nothing found. 1: something is wrong, a line for each. 2: wrong use, or openssl is missing.
"""
import base64
import binascii
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import uuid
import zipfile

SEAL = re.compile(rb"sha256:([0-9a-f]{64})")
SEAL_LENGTH = 71
HASH = re.compile(r"[0-9a-f]{64}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
BODY_MEMBERS = ["v", "kid", "org", "seq", "id", "at", "type", "actor", "subject", "content_sha256", "data"]
OPTIONAL = {"actor", "subject", "content_sha256"}
UNLISTED = {"manifest.json", "manifest.sig"}
SMALL_FILE = 64 << 20
LONGEST_LINE = 64 << 20


class Wrong(Exception):
    """What is wrong; the message says it."""


def read_object(text):
    """A JSON object whose members stand once each; json alone would take the last of two."""

    def once(pairs):
        if len({name for name, _ in pairs}) != len(pairs):
            raise Wrong("a member stands twice")
        return dict(pairs)

    try:
        value = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as wrong:
        raise Wrong(f"it is not JSON ({wrong})") from None
    if not isinstance(value, dict):
        raise Wrong("it is not a JSON object")
    return value


def is_whole(number):
    return isinstance(number, int) and not isinstance(number, bool)


def is_uuid(text):
    try:
        return isinstance(text, str) and str(uuid.UUID(text)) == text
    except ValueError:
        return False


def hash32(text):
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError):
        value = b""
    if len(value) != 32:
        raise Wrong("a hash is not the base64 of 32 bytes")
    return value


# RFC 9162 ------------------------------------------------------------------------------------------------------------------


def leaf_hash(entry_hash, body):
    return hashlib.sha256(b"\x00" + entry_hash + body).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A growing tree in logarithmic memory: the roots of its complete subtrees, the largest first."""

    def __init__(self, size=0, subtrees=()):
        if len(subtrees) != bin(size).count("1"):
            raise Wrong("there are not as many subtrees as the size has bits")
        self.size, self.subtrees = size, list(subtrees)

    def append(self, leaf):
        node, size = leaf, self.size
        while size & 1:
            node = node_hash(self.subtrees.pop(), node)
            size >>= 1
        self.subtrees.append(node)
        self.size += 1

    def root(self):
        if not self.subtrees:
            return hashlib.sha256(b"").digest()
        node = self.subtrees[-1]
        for left in reversed(self.subtrees[:-1]):
            node = node_hash(left, node)
        return node


def includes(index, size, leaf, path, root):
    """RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        return False
    node, last, value = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            value = node_hash(sibling, value)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            value = node_hash(value, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and value == root


def extends(old, size, old_root, root, path):
    """RFC 9162, 2.1.4.2."""
    if not 0 <= old <= size:
        return False
    if old in (0, size):
        return not path and (old == 0 or old_root == root)
    path = list(path) if old & (old - 1) else [old_root] + list(path)
    if not path:
        return False
    node, last = old - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    older = newer = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            newer = node_hash(newer, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and older == old_root and newer == root


# Signatures ----------------------------------------------------------------------------------------------------------------


class Key:
    def __init__(self, pem):
        self.pem = pem
        try:
            der = base64.b64decode("".join(pem.split("\n")[1:-1]), validate=True)
        except (binascii.Error, ValueError):
            raise Wrong("a public key is not PEM") from None
        self.fingerprint = hashlib.sha256(der).hexdigest()
        self.id = hashlib.sha256(der).digest()[:4]

    def signed(self, data, signature):
        with tempfile.TemporaryDirectory() as folder:
            paths = {}
            for name, value in (("key", self.pem.encode() + b"\n"), ("data", data), ("signature", signature)):
                paths[name] = os.path.join(folder, name)
                with open(paths[name], "wb") as file:
                    file.write(value)
            done = subprocess.run(
                ["openssl", "dgst", "-sha256", "-verify", paths["key"], "-signature", paths["signature"], paths["data"]],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            return done.returncode == 0


def read_keys(text):
    blocks = re.findall(r"-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\n]+\n-----END PUBLIC KEY-----", text.replace("\r\n", "\n"))
    if not blocks:
        raise Wrong("there is no public key in PEM")
    return [Key(block) for block in blocks]


class Checkpoint:
    """A C2SP signed note that is a tlog-checkpoint."""

    def __init__(self, note, organization):
        text, blank, signatures = note.partition("\n\n")
        lines = text.split("\n")
        if not blank or len(lines) != 3 or not note.endswith("\n"):
            raise Wrong("it is not a signed checkpoint")
        if not lines[0].endswith("/" + organization):
            raise Wrong("it is another organization's")
        if not re.fullmatch(r"[1-9][0-9]{0,18}", lines[1]):
            raise Wrong("its size is not a number")
        self.note, self.origin, self.size, self.root = note, lines[0], int(lines[1]), hash32(lines[2])
        self.text, self.signatures = (text + "\n").encode(), []
        for line in signatures[:-1].split("\n"):
            match = re.fullmatch("\u2014 (\\S+) (\\S+)", line)
            if not match:
                raise Wrong("a signature line is malformed")
            try:
                value = base64.b64decode(match.group(2), validate=True)
            except (binascii.Error, ValueError):
                raise Wrong("a signature is not base64") from None
            self.signatures.append((match.group(1), value[:4], value[4:]))

    def check(self, keys):
        """Every line that names a key must be that key's: a line that is not is a change."""
        known = [(key, name, value) for name, id, value in self.signatures for key in keys if key.id == id]
        if not known:
            raise Wrong("no key that is known here signed it")
        for key, name, value in known:
            if name != self.origin or not key.signed(self.text, value):
                raise Wrong("its signature does not hold")


# The archive ---------------------------------------------------------------------------------------------------------------


class Dossier:
    def __init__(self, path, own_keys):
        self.path, self.own_keys, self.findings = path, own_keys, []
        self.archive = self.manifest = None

    def found(self, place, what):
        self.findings.append(f"{place}: {what}")

    def sealed(self):
        """Whether the archive's last line is the SHA-256 of everything before it."""
        with open(self.path, "rb") as file:
            length = os.fstat(file.fileno()).st_size - SEAL_LENGTH
            digest, left = hashlib.sha256(), max(0, length)
            while left:
                chunk = file.read(min(left, 1 << 20))
                digest.update(chunk)
                left -= len(chunk)
            match = SEAL.fullmatch(file.read())
        return bool(match) and match.group(1).decode() == digest.hexdigest()

    def read(self, name, limit=SMALL_FILE):
        with self.archive.open(name) as file:
            content = file.read(limit + 1)
        if len(content) > limit:
            raise Wrong("it is too large")
        return content

    def text(self, name):
        try:
            return self.read(name).decode("utf-8")
        except UnicodeError:
            raise Wrong("it is not UTF-8") from None

    def attempt(self, place, step):
        """Runs a step; whatever it stumbles over is named with its place."""
        try:
            return step()
        except Wrong as wrong:
            self.found(place, str(wrong))
        except KeyError:
            self.found(place, "it is missing")
        except FileNotFoundError:
            raise
        except Exception as wrong:  # zipfile raises what it likes at a damaged archive
            self.found(place, f"it cannot be read ({type(wrong).__name__}: {wrong})")
        return None

    def verify(self):
        sealed = self.sealed()
        self.archive = self.attempt("archive", lambda: zipfile.ZipFile(self.path))
        if self.archive is not None:
            with self.archive:
                self.verify_files()
        if not sealed:
            self.found("archive", "its bytes are not those that were written: "
                       + ("see above" if self.findings else "a header, the directory or the seal was changed, no file's content"))

    def verify_files(self):
        manifest_bytes = self.attempt("manifest.json", lambda: self.read("manifest.json"))
        keys = self.own_keys or self.attempt("audit/public-key.pem", lambda: read_keys(self.text("audit/public-key.pem")))
        if manifest_bytes is not None and keys:
            self.attempt("manifest.sig", lambda: self.verify_signature(manifest_bytes, keys))
        if manifest_bytes is not None:
            self.manifest = self.attempt("manifest.json", lambda: self.read_manifest(manifest_bytes))
        if self.manifest is None:
            return
        self.verify_hashes()
        checkpoint = self.attempt("audit/checkpoint.txt", lambda: Checkpoint(self.text("audit/checkpoint.txt"), self.manifest["organization_id"]))
        if checkpoint is not None and keys:
            self.attempt("audit/checkpoint.txt", lambda: checkpoint.check(keys))
        self.attempt("audit/verification.json", self.verify_report)
        if checkpoint is not None:
            self.verify_log(checkpoint)
        self.keys, self.checkpoint = keys, checkpoint

    def verify_signature(self, manifest, keys):
        signature = self.read("manifest.sig")
        if not any(key.signed(manifest, signature) for key in keys):
            raise Wrong("it is not a signature of manifest.json by the key" + ("" if len(keys) == 1 else "s"))

    @staticmethod
    def read_manifest(content):
        manifest = read_object(content)
        if manifest.get("format") != "lexcustis-dossier/v1" or not is_uuid(manifest.get("organization_id")):
            raise Wrong("it is not a manifest of a dossier")
        if not is_whole(manifest.get("first_sequence")) or not is_whole(manifest.get("last_sequence")):
            raise Wrong("its sequences are not numbers")
        files = manifest.get("files")
        if not isinstance(files, list) or not all(
                isinstance(file, dict) and isinstance(file.get("name"), str) and is_whole(file.get("size"))
                and isinstance(file.get("sha256"), str) and HASH.fullmatch(file["sha256"]) for file in files):
            raise Wrong("its list of files is malformed")
        return manifest

    def verify_hashes(self):
        names = self.archive.namelist()
        listed = {file["name"]: file for file in self.manifest["files"]}
        for name in sorted(set(names)):
            if names.count(name) > 1:
                self.found(name, "it is in the archive more than once")
            if name not in listed and name not in UNLISTED:
                self.found(name, "it is in the archive and not in the manifest")
        for name, file in listed.items():
            if name not in names:
                self.found(name, "it is in the manifest and not in the archive")
            else:
                self.attempt(name, lambda: self.verify_hash(name, file))

    def verify_hash(self, name, file):
        digest, size = hashlib.sha256(), 0
        with self.archive.open(name) as content:
            while size <= file["size"] and (chunk := content.read(1 << 20)):
                digest.update(chunk)
                size += len(chunk)
        if size != file["size"]:
            raise Wrong("its size is not the manifest's")
        if digest.hexdigest() != file["sha256"]:
            raise Wrong("its SHA-256 is not the manifest's")

    def verify_report(self):
        report = read_object(self.text("audit/verification.json"))
        for finding in report.get("findings", []):
            self.found("log", f"the server's own verification found {finding['verdict']}: {finding['count']}, first at sequence {finding['first_sequence']}")
        if report.get("valid") is not (not report.get("findings")):
            raise Wrong("its verdict is not that of its findings")

    # The log -------------------------------------------------------------------------------------------------------------

    def verify_log(self, checkpoint):
        proofs = {}
        for name in self.archive.namelist():
            match = re.fullmatch(r"audit/proofs/([0-9]{1,18})\.tlog-proof", name)
            if match:
                leaf = self.attempt(name, lambda: self.verify_proof(name, int(match.group(1)), checkpoint))
                if leaf is not None:
                    proofs[int(match.group(1))] = (name, leaf)
        if "audit/proofs/range.json" not in self.archive.namelist():
            self.found("audit/proofs/range.json", "it is missing: that the entries are those of the checkpoint is not proved")
            return
        range_proof = self.attempt("audit/proofs/range.json", self.read_range)
        if range_proof is None:
            return
        tree, after = range_proof
        if self.attempt("audit/entries.jsonl", lambda: self.verify_entries(tree, proofs)) is None:
            return
        if not extends(tree.size, checkpoint.size, tree.root(), checkpoint.root, after):
            self.found("audit/entries.jsonl", "its entries do not lead to the signed root (or audit/proofs/range.json is not theirs)")

    def read_range(self):
        proof = read_object(self.text("audit/proofs/range.json"))
        first, last = self.manifest["first_sequence"], self.manifest["last_sequence"]
        if proof.get("first_sequence") != first or proof.get("last_sequence") != last:
            raise Wrong("it is for another range than the manifest's")
        before, after = proof.get("before"), proof.get("after")
        if not isinstance(before, list) or not isinstance(after, list):
            raise Wrong("it is malformed")
        return Tree(first - 1, [hash32(text) for text in before]), [hash32(text) for text in after]

    def verify_proof(self, name, sequence, checkpoint):
        text = self.text(name)
        head, blank, note = text.partition("\n\n")
        lines = head.split("\n")
        if not blank or len(lines) < 3 or lines[0] != "c2sp.org/tlog-proof@v1" or lines[2] != f"index {sequence - 1}" or not lines[1].startswith("extra "):
            raise Wrong("it is not a proof of this entry")
        if note != checkpoint.note:
            raise Wrong("its checkpoint is not audit/checkpoint.txt")
        try:
            extra = base64.b64decode(lines[1][6:], validate=True)
        except (binascii.Error, ValueError):
            raise Wrong("its extra line is not base64") from None
        leaf = leaf_hash(extra[:32], extra[32:])
        if not includes(sequence - 1, checkpoint.size, leaf, [hash32(line) for line in lines[3:]], checkpoint.root):
            raise Wrong("it does not lead to the signed root")
        return leaf

    def verify_entries(self, tree, proofs):
        expected, previous = self.manifest["first_sequence"], None
        with self.archive.open("audit/entries.jsonl") as file:
            while line := file.readline(LONGEST_LINE):
                place = f"sequence {expected}"
                try:
                    row, body, raw = self.read_row(line)
                    place = f"sequence {row['sequence']}"
                    if row["sequence"] != expected:
                        raise Wrong(f"sequence_gap: {expected} was to follow")
                    if previous is not None and row["previous_hash"] != previous:
                        self.found(f"audit/entries.jsonl, {place}", "broken_link: its previous_hash is not the entry_hash before it")
                    if expected == 1 and row["previous_hash"] != "00" * 32:
                        self.found(f"audit/entries.jsonl, {place}", "broken_link: the first entry follows something")
                    if body["seq"] != row["sequence"] or body["org"] != self.manifest["organization_id"]:
                        self.found(f"audit/entries.jsonl, {place}", "its body names another place or organization")
                except (Wrong, UnicodeError) as wrong:
                    self.found(f"audit/entries.jsonl, {place}", str(wrong))
                    return None
                leaf = leaf_hash(bytes.fromhex(row["entry_hash"]), raw)
                if expected in proofs and proofs[expected][1] != leaf:
                    self.found(proofs[expected][0], "it proves another entry than audit/entries.jsonl has")
                tree.append(leaf)
                expected, previous = expected + 1, row["entry_hash"]
        if expected != self.manifest["last_sequence"] + 1:
            self.found("audit/entries.jsonl", f"it ends before sequence {self.manifest['last_sequence']}, at {expected - 1}")
            return None
        self.entries = expected - self.manifest["first_sequence"]
        return True

    @staticmethod
    def read_row(line):
        text = line.decode("utf-8")
        if not text.endswith("\n"):
            raise Wrong("the line is not complete, no line feed ends it")
        row = read_object(text[:-1])
        if list(row) != ["sequence", "body", "previous_hash", "entry_hash"] or not is_whole(row["sequence"]) or not isinstance(row["body"], str):
            raise Wrong("its members are not sequence, body, previous_hash, entry_hash")
        if not all(isinstance(row[name], str) and HASH.fullmatch(row[name]) for name in ("previous_hash", "entry_hash")):
            raise Wrong("a hash is not 64 hexadecimal digits")
        body = read_object(row["body"])
        if list(body) != [name for name in BODY_MEMBERS if name in body or name not in OPTIONAL]:
            raise Wrong("the body's members are not those of the format, in its order")
        if body["v"] != 1 or not is_whole(body["seq"]) or not is_uuid(body["org"]) or not isinstance(body["at"], str) or not TIME.fullmatch(body["at"]):
            raise Wrong("a member of the body is malformed")
        return row, body, row["body"].encode("utf-8")


def main(arguments):
    own_keys = None
    if len(arguments) == 3 and arguments[1] == "--public-key":
        try:
            with open(arguments[2], encoding="ascii") as file:
                own_keys = read_keys(file.read())
        except (OSError, UnicodeError, Wrong) as wrong:
            print(f"verify.py: {arguments[2]}: {wrong}", file=sys.stderr)
            return 2
    elif len(arguments) != 1 or arguments[0] in ("-h", "--help"):
        print(__doc__, file=sys.stderr)
        return 2

    dossier = Dossier(arguments[0], own_keys)
    dossier.keys = dossier.checkpoint = None
    dossier.entries = 0
    try:
        subprocess.run(["openssl", "version"], stdout=subprocess.DEVNULL, check=True)
    except (OSError, subprocess.CalledProcessError):
        print("verify.py: the program openssl is missing", file=sys.stderr)
        return 2
    try:
        dossier.verify()
    except OSError as wrong:
        print(f"verify.py: {wrong}", file=sys.stderr)
        return 2

    for finding in dossier.findings:
        print(finding)
    if dossier.manifest is not None:
        print(f"organization  {dossier.manifest['organization_id']}")
        print(f"entries       {dossier.entries} ({dossier.manifest['first_sequence']} to {dossier.manifest['last_sequence']})")
    if dossier.checkpoint is not None:
        print(f"checkpoint    {dossier.checkpoint.size} entries, root {base64.b64encode(dossier.checkpoint.root).decode()}")
    for key in dossier.keys or []:
        print(f"key           SHA-256 {key.fingerprint} ({'given' if own_keys else 'from the dossier itself: compare it with one that you know'})")
    print("clean" if not dossier.findings else f"NOT CLEAN: {len(dossier.findings)} findings")
    return 1 if dossier.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

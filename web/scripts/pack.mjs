// Makes out/, as `next build` left it, ready to be served: a .br and a .gz beside each file that gets smaller by it, and
// assets.json, which tells the server of every address: the file, its type, its ETag, and the hashes of a page's inline
// scripts for the Content-Security-Policy. What is not in assets.json is not served.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const types = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".woff2": "font/woff2",
};
const compressible = new Set([".css", ".html", ".js", ".json", ".svg", ".txt", ".webmanifest"]);
const compressors = [
  ["br", data => promisify(brotliCompress)(data, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: data.length } })],
  ["gz", data => promisify(gzip)(data, { level: 9 })],
];

const root = new URL("../out/", import.meta.url).pathname;
const files = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile())
  .map(entry => join(entry.parentPath ?? entry.path, entry.name).slice(root.length))
  .filter(file => file !== "assets.json" && !/\.(br|gz)$/.test(file))
  .sort();

const assets = await Promise.all(files.map(async file => {
  const extension = extname(file);
  const type = types[extension];
  if (!type) throw new Error(`${file}: scripts/pack.mjs knows no content type for ${extension || "a file without an extension"}`);
  const data = readFileSync(join(root, file));
  const encodings = [];
  if (compressible.has(extension) && data.length > 256) {
    for (const [name, compress] of compressors) {
      const smaller = await compress(data);
      if (smaller.length >= data.length) continue;
      writeFileSync(join(root, `${file}.${name}`), smaller);
      encodings.push(name);
    }
  }

  return {
    path: `/${file.replace(/(^|\/)index\.html$|\.html$/, "")}`,
    file,
    type,
    etag: createHash("sha256").update(data).digest("base64url").slice(0, 22),
    // Next.js puts a hash of the content into the names below this folder.
    immutable: file.startsWith("_next/static/"),
    encodings,
    ...(extension === ".html" && { scripts: inlineScripts(data.toString("utf8")) }),
  };
}));
writeFileSync(join(root, "assets.json"), JSON.stringify(assets));

// What a page makes a browser load before it can be used. Charts, proofs and the words of other languages come later, when asked for.
const LIMIT = 130 * 1024;
const compressed = new Map(assets.filter(({ file }) => file.endsWith(".js")).map(({ path, file, encodings }) => [path, statSync(join(root, encodings.includes("br") ? `${file}.br` : file)).size]));
for (const { file } of assets.filter(asset => asset.scripts)) {
  const html = readFileSync(join(root, file), "utf8");
  const scripts = [...new Set([...html.matchAll(/<script\b(?![^>]*\bnomodule)[^>]*\bsrc="([^"?]+)/gi)].map(([, source]) => source))];
  const size = scripts.reduce((sum, source) => sum + compressed.get(source), 0);
  console.log(`${(size / 1024).toFixed(1).padStart(6)} KiB of JavaScript, compressed: /${file.replace(/(^|\/)index\.html$|\.html$/, "")}`);
  if (!(size <= LIMIT)) throw new Error(`${file} loads ${size} bytes of JavaScript, more than ${LIMIT}: import what it does not need at once only when it does`);
}

/** CSP sources of the scripts that stand in the page itself. */
function inlineScripts(html) {
  const sources = new Set();
  for (const [, attributes, text] of html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g)) {
    if (/\bsrc=/.test(attributes)) continue;
    sources.add(`'sha256-${createHash("sha256").update(text).digest("base64")}'`);
  }

  // What the policy forbids would fail silently in the browser: better here.
  const forbidden = /<[^>]+\s(?:style|on[a-z]+)="/.exec(html);
  if (forbidden) throw new Error(`a page has what its Content-Security-Policy forbids: ${forbidden[0]}`);
  return [...sources];
}

// Run after `npm install` where package-lock.json came out without other platforms' optional binaries (a registry that
// does not carry them all): `npm ci` refuses such a lock file, on every platform. Adds what is named and missing.
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));
const systems = /\b(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)/;
const processors = /(arm64|arm|x64|ia32|loong64|mips64el|ppc64|riscv64|s390x|wasm32)/;

for (const owner of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
    if (lock.packages[`node_modules/${name}`]) continue;
    const [, os] = systems.exec(name) ?? [];
    const [, cpu] = processors.exec(name) ?? [];
    if (os || cpu) lock.packages[`node_modules/${name}`] = { version, ...(os && { os: [os] }), ...(cpu && { cpu: [cpu] }), optional: true };
  }
}

const [root, ...others] = Object.entries(lock.packages);
lock.packages = Object.fromEntries([root, ...others.sort(([a], [b]) => (a < b ? -1 : 1))]);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);

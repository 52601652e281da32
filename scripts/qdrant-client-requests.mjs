// What Qdrant's own JavaScript client sends for the operations of QdrantVectorStore: one {"method","path","body"} a line, in the order below.
import { createServer } from 'node:http';
import { QdrantClient } from '@qdrant/js-client-rest';

const [org, document, point, keep] = process.argv.slice(2);
const server = createServer((request, response) => {
  let text = '';
  request.on('data', chunk => text += chunk).on('end', () => {
    if (request.url !== '/') console.log(JSON.stringify({ method: request.method, path: request.url, ...(text ? { body: JSON.parse(text) } : {}) }));
    response.setHeader('content-type', 'application/json');
    response.end('{"result":{"points":[],"config":{}},"status":"ok","time":0}');
  });
}).listen(0, '127.0.0.1', async () => {
  const client = new QdrantClient({ url: `http://127.0.0.1:${server.address().port}`, apiKey: 'the-key', checkCompatibility: false });
  const collection = `org_${org}_documents`;
  const is = (key, value) => ({ key, match: { value } });
  const model = 'sha256:0123456789abcdef';
  await client.getCollection(collection);
  await client.createCollection(collection, { vectors: { size: 4, distance: 'Cosine' } });
  await client.createPayloadIndex(collection, { wait: true, field_name: 'org_id', field_schema: { type: 'keyword' } });
  await client.upsert(collection, { wait: true, points: [{ id: point, vector: [0.5, -0.5, 0.5, 0.25], payload: { org_id: org, document_id: document, model } }] });
  await client.scroll(collection, { filter: { must: [is('org_id', org), is('document_id', document), is('model', model)] }, limit: 1000, with_payload: false, with_vector: false });
  const these = { must: [is('org_id', org), is('model', model), { has_id: [point] }] };
  await client.scroll(collection, { filter: these, limit: 1, with_payload: ['org_id'], with_vector: true });
  await client.delete(collection, { wait: true, filter: { must: [is('org_id', org), is('document_id', document)], must_not: [{ has_id: [keep] }] } });
  await client.query(collection, { query: [0.5, -0.5, 0.5, 0.25], filter: { must: [is('org_id', org), is('model', model)] }, limit: 50, with_payload: ['org_id'], with_vector: false });
  await client.deleteCollection(collection);
  server.close();
  server.closeAllConnections();
});

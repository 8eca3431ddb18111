// message-db, installed from the SQL files of its package. Each append is one statement that calls write_message.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import pg from 'pg';

const files = [
  'schema/message-store', 'extensions/pgcrypto', 'tables/messages', 'types/message', 'functions/message-store-version',
  'functions/hash-64', 'functions/acquire-lock', 'functions/category', 'functions/is-category', 'functions/id',
  'functions/cardinal-id', 'functions/stream-version', 'functions/write-message', 'indexes/messages-id', 'indexes/messages-stream',
  'indexes/messages-category',
];

const statement = {
  name: 'write',
  text: `SELECT message_store.write_message(gen_random_uuid()::varchar, $1, 'line-added', e.data::jsonb, NULL, $2::bigint + e.n - 1)
    FROM unnest($3::text[]) WITH ORDINALITY AS e (data, n) ORDER BY e.n`,
};

export async function messageDb(writers) {
  const root = path.dirname(createRequire(import.meta.url).resolve('@eventide/message-db/database/install.sh'));
  const clients = await Promise.all(Array.from({ length: writers }, connect));
  for (const file of files) await clients[0].query(await readFile(path.join(root, `${file}.sql`), 'utf8'));

  // The version of the first message is 0. The version -1 means that the stream does not exist.
  const versions = new Map();
  return {
    async append(writer, key, batch) {
      // Each writer has its own category, because writers of the same category wait for each other.
      const stream = `line${writer}-${key}`;
      const version = versions.get(key) ?? -1;
      await clients[writer].query({ ...statement, values: [stream, version, batch.map((event) => JSON.stringify(event))] });
      versions.set(key, version + batch.length);
    },
    close: () => Promise.all(clients.map((client) => client.end())),
  };
}

async function connect() {
  const client = new pg.Client({ options: '-c search_path=message_store,public -c client_min_messages=warning' });
  await client.connect();
  return client;
}

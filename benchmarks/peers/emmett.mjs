// Emmett's store on PostgreSQL, with as many connections as writers.
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';

export async function emmett(writers) {
  const { PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD } = process.env;
  const user = encodeURIComponent(PGUSER ?? '') + (PGPASSWORD ? `:${encodeURIComponent(PGPASSWORD)}` : '');
  const address = `postgresql://${user}@${PGHOST}:${PGPORT}/${PGDATABASE}`;
  const pool = new pg.Pool({ connectionString: address, max: writers });
  const store = getPostgreSQLEventStore(address, { connectionOptions: { pool } });
  await store.schema.migrate();

  const versions = new Map();
  return {
    async append(_, key, batch) {
      const events = batch.map((data) => ({ type: 'line-added', data }));
      const options = { expectedStreamVersion: versions.get(key) ?? 'STREAM_DOES_NOT_EXIST' };
      const result = await store.appendToStream(`line-${key}`, events, options);
      versions.set(key, result.nextExpectedStreamVersion);
    },
    async close() {
      await store.close();
      await pool.end();
    },
  };
}

// Appends events with another event store. Usage: node peer.mjs message-db|emmett WRITERS EVENTS APPENDS
// The environment variables PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD select the database.
// Prints one JSON object with the total time, the processor time of this process, and the time of each append.
// Each writer has its own streams and its own connection, and expects the version that it wrote last.
// Each stream has one event before the measurement, as in the Millrace benchmarks.
import { emmett } from './emmett.mjs';
import { messageDb } from './message-db.mjs';
import { events } from './events.mjs';

const peers = { 'message-db': messageDb, emmett };
const streams = 10_000;

const [name, ...numbers] = process.argv.slice(2);
const [writers, perAppend, appends] = numbers.map(Number);
const store = await peers[name](writers);

const streamsOfWriter = Math.floor(streams / writers);
const keyOf = (writer, i) => (i % streamsOfWriter) * writers + writer;
const milliseconds = [];

async function begin(writer) {
  for (let i = 0; i < streamsOfWriter; i++) {
    const key = keyOf(writer, i);
    await store.append(writer, key, events(key, 1));
  }
}

async function write(writer, count, note) {
  for (let i = 0; i < count; i++) {
    const key = keyOf(writer, i);
    const batch = events(key, perAppend);
    const started = performance.now();
    await store.append(writer, key, batch);
    if (note) milliseconds.push(performance.now() - started);
  }
}

const byAll = (act) => Promise.all(Array.from({ length: writers }, (_, writer) => act(writer)));
const all = (count, note) => byAll((writer) => write(writer, count, note));

await byAll(begin);
await all(Math.max(1, Math.floor(appends / 10)), false); // Warms up.
const cpu = process.cpuUsage();
const started = performance.now();
await all(appends, true);
const seconds = (performance.now() - started) / 1000;
const used = process.cpuUsage(cpu);
await store.close();
console.log(JSON.stringify({ seconds, processorSeconds: (used.user + used.system) / 1e6, milliseconds }));

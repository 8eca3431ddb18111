import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const root = import.meta.dirname;
const sources = ['index.html', 'package.json', 'package-lock.json', 'tsconfig.json', 'vite.config.ts', 'src'];

function filesIn(path: string): string[] {
  const full = join(root, path);
  try {
    return readdirSync(full, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));
  } catch {
    return [path]; // Not a folder.
  }
}

/** Writes a hash of the sources beside the built files. A test compares it, so that nobody forgets to build. */
function sourceHash(): Plugin {
  return {
    name: 'source-hash',
    closeBundle() {
      const all = createHash('sha256');
      for (const path of sources.flatMap(filesIn).sort((a, b) => (a < b ? -1 : 1))) {
        all.update(`${path} ${createHash('sha256').update(readFileSync(join(root, path))).digest('hex')}\n`);
      }
      writeFileSync(join(root, '../assets/source.txt'), `${all.digest('hex')}\n`);
    },
  };
}

/** With `npm run dev`, the page uses a running application: MILLRACE=http://127.0.0.1:8080 npm run dev. */
function placeholders(): Plugin {
  return {
    name: 'placeholders',
    apply: 'serve',
    transformIndexHtml: html => html
      .replace('{{base}}', '/')
      .replace('{{api}}', '/millrace')
      .replace('{{title}}', 'Millrace'),
  };
}

const application = process.env['MILLRACE'] ?? 'http://127.0.0.1:8080';
const cookie = process.env['MILLRACE_COOKIE'];

export default defineConfig({
  base: './',
  root,
  plugins: [sourceHash(), placeholders()],
  server: { proxy: { '/millrace': { target: application, ...(cookie ? { headers: { cookie } } : {}) } } },
  build: {
    outDir: '../assets',
    emptyOutDir: true,
    assetsDir: 'files',
    target: 'es2022',
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
});

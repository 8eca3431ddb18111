// Checks an AsyncAPI document with the published schema: node asyncapi.mjs FILE. Writes one finding on each line.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const Ajv = require('ajv').default;
const addFormats = require('ajv-formats').default;
const schema = require('@asyncapi/specs/schemas/3.0.0-without-$id.json');

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
addFormats(ajv);
const document = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const findings = [];
const validate = ajv.compile(schema);
if (!validate(document))
  for (const error of validate.errors) findings.push(`${error.instancePath} ${error.message}`);

// The schema cannot check that the target of a reference exists.
const walk = (value, path) => {
  if (value === null || typeof value !== 'object') return;
  if (typeof value.$ref === 'string') {
    const steps = value.$ref.slice(2).split('/').map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    let at = document;
    for (const step of steps) at = at?.[step];
    if (!value.$ref.startsWith('#/') || at === undefined) findings.push(`${path} refers to nothing: ${value.$ref}`);
  }
  for (const [key, inner] of Object.entries(value)) walk(inner, `${path}/${key}`);
};
walk(document, '');

// Payloads are JSON schemas.
for (const [name, inner] of Object.entries(document.components.schemas)) {
  const payloads = new Ajv({ strict: false });
  addFormats(payloads);
  try {
    payloads.compile({ ...inner, components: document.components });
  } catch (error) {
    findings.push(`schema ${name}: ${error.message}`);
  }
}
for (const finding of findings) console.log(finding);
process.exitCode = findings.length === 0 ? 0 : 1;

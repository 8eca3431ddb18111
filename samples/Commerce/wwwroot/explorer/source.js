// Reads JSON without loss. JSON.parse returns 9007199254740992 for 9007199254740993, 1.1 for 1.10, and infinity for 1E400.

/** A number that JavaScript cannot represent exactly. */
export class WrittenNumber {
  constructor(text) {
    this.text = text;
  }
}

const sources = new WeakMap();

/** Returns the source text of an object or a list. */
export const sourceOf = value => sources.get(value);

/** Reads JSON; inexact numbers become WrittenNumbers, and objects have no prototype, so that every member name is safe. */
export const read = text => new Reader(text).whole();

/** Writes a value as JSON in one line. */
export function write(value) {
  if (value instanceof WrittenNumber) return value.text;
  return sourceOf(value) ?? JSON.stringify(value);
}

/** Indents JSON: numbers and repeated names stay unchanged, and texts are shown without unnecessary escapes. */
export function layOut(json) {
  let laidOut = '', depth = 0, before = '';
  for (const [token] of json.matchAll(Token)) {
    const isClosing = token === '}' || token === ']';
    if (isClosing) depth--;
    const isInside = before === '{' || before === '[';
    if (isInside ? !isClosing : before === ',' || isClosing) laidOut += `\n${'  '.repeat(depth)}`;
    laidOut += token[0] === '"' ? JSON.stringify(JSON.parse(token)) : token === ':' ? ': ' : token;
    if (token === '{' || token === '[') depth++;
    before = token;
  }
  return laidOut;
}

const Token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

class Reader {
  #text; #tokens = new RegExp(Token); #token;

  constructor(text) {
    this.#text = text;
    this.#next();
  }

  whole() {
    const value = this.#value();
    if (this.#token !== null) throw new SyntaxError('Unexpected text after the value.');
    return value;
  }

  #next() {
    this.#token = this.#tokens.exec(this.#text);
  }

  #take(wanted) {
    const isThere = this.#token?.[0] === wanted;
    if (isThere) this.#next();
    return isThere;
  }

  #value() {
    if (this.#token === null) throw new SyntaxError('A value is missing.');
    const { 0: token, index } = this.#token;
    this.#next();
    if (token === '{') return this.#remember(this.#members(), index);
    if (token === '[') return this.#remember(this.#items(), index);
    if (/^-?\d/.test(token)) return String(Number(token)) === token ? Number(token) : new WrittenNumber(token);
    return JSON.parse(token);
  }

  #members() {
    const found = Object.create(null);
    if (this.#end('}')) return found;
    do {
      const name = this.#value();
      if (typeof name !== 'string' || !this.#take(':')) throw new SyntaxError('A member has no name.');
      found[name] = this.#value();
    } while (this.#take(','));
    if (!this.#end('}')) throw new SyntaxError('An object is not closed.');
    return found;
  }

  #items() {
    const found = [];
    if (this.#end(']')) return found;
    do found.push(this.#value()); while (this.#take(','));
    if (!this.#end(']')) throw new SyntaxError('A list is not closed.');
    return found;
  }

  #ended = 0;

  /** Also records the end position. */
  #end(bracket) {
    if (this.#token?.[0] !== bracket) return false;
    this.#ended = this.#token.index + 1;
    this.#next();
    return true;
  }

  #remember(value, begin) {
    sources.set(value, this.#text.slice(begin, this.#ended));
    return value;
  }
}

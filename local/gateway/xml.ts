import { ServiceError } from '../service.ts';

/** One element of a request body. */
export interface XmlElement {
  /** Without its namespace prefix. */
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** Text directly inside, entities resolved. */
  readonly text: string;
}

interface Open {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

const ENTITIES = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** Deeper than any S3 body. */
const DEEPEST = 32;

/**
 * Reads the XML that AWS clients send: elements, text, CDATA, comments. No DTD, so no entity can expand.
 *
 * @returns the root element
 * @throws {ServiceError} MalformedXML
 */
export function parseXml(source: string): XmlElement {
  const root: Open = { name: '', children: [], text: '' };
  const open: Open[] = [root];
  const token =
    /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([^\s<>/?!]+)((?:\s+[^<>]*?)?)(\/?)>|([^<]+)/gy;
  let end = 0;
  for (const match of source.matchAll(token)) {
    end = match.index + match[0].length;
    const [, cdata, closing, name, , selfClosing, text] = match;
    const top = open.at(-1)!;
    if (cdata !== undefined) top.text += cdata;
    else if (text !== undefined) top.text += resolveEntities(text);
    else if (closing) close(open, localName(name!));
    else if (name !== undefined) {
      if (open.length > DEEPEST) throw malformed();
      open.push({ name: localName(name), children: [], text: '' });
      if (selfClosing) close(open, localName(name));
    }
  }
  const [element, second] = root.children;
  if (end !== source.length || open.length !== 1 || !element || second) throw malformed();
  return element;
}

export const childrenOf = (parent: XmlElement, name: string): XmlElement[] =>
  parent.children.filter((child) => child.name === name);

/** @param content markup, or text to escape in a list of one */
export const element = (name: string, content: string | readonly [string]): string =>
  `<${name}>${typeof content === 'string' ? content : escapeXml(content[0])}</${name}>`;

/** Control characters become references, as S3 writes them. */
export const escapeXml = (text: string): string =>
  text.replace(/[<>&"'\p{Cc}]/gu, (character) => `&#${character.codePointAt(0)};`);

function close(open: Open[], name: string): void {
  const done = open.pop()!;
  const parent = open.at(-1);
  if (!parent || done.name !== name) throw malformed();
  parent.children.push(done);
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

const resolveEntities = (text: string): string =>
  text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (_, entity: string) => {
    if (entity[0] !== '#') {
      const character = ENTITIES.get(entity);
      if (character === undefined) throw malformed();
      return character;
    }
    const code = entity[1]!.toLowerCase() === 'x' ? Number.parseInt(entity.slice(2), 16) : Number(entity.slice(1));
    if (code > 0x10ffff) throw malformed();
    return String.fromCodePoint(code);
  });

const malformed = (): ServiceError =>
  new ServiceError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );

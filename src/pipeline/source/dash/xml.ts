/** An element of XML: its name without a prefix, and what is in it. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | undefined>>;
  readonly children: readonly XmlElement[];
  /** Its own text, without that of its children. */
  readonly text: string;
}

/** Markup that says nothing here, a section of text, an end, a beginning, or text. */
const TOKEN = /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<![^>]*>|<\/([^\s>]+)\s*>|<([^\s<>/!?]+)((?:\s+[^\s=<>/"']+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/g;
const ATTRIBUTE = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
/** Elements within each other, of documents that are meant well. */
const MAX_DEPTH = 32;

/**
 * Reads what manifests are made of: elements, attributes and text. Entities other than the five that XML has are left as they are, so that none can grow.
 * @returns the root; undefined where the text is no document
 */
export function parseXml(text: string): XmlElement | undefined {
  const open: Building[] = [];
  for (const [, section, end, begin, attributes = '', empty, plain] of text.matchAll(TOKEN)) {
    const within = open.at(-1);
    if (plain !== undefined && within !== undefined) within.text += decode(plain);
    if (section !== undefined && within !== undefined) within.text += section;
    if (begin !== undefined) {
      const element: Building = { name: local(begin), attributes: attributesOf(attributes), children: [], text: '' };
      within?.children.push(element);
      if (empty !== '/') open.push(element);
      else if (within === undefined) return element;
      if (open.length > MAX_DEPTH) return undefined;
    }
    if (end !== undefined) {
      if (within?.name !== local(end)) return undefined;
      open.pop();
      if (open.length === 0) return within;
    }
  }
  return undefined;
}

interface Building extends XmlElement {
  readonly children: Building[];
  text: string;
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function attributesOf(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(ATTRIBUTE)].map(([, name = '', double, single]) => [local(name), decode(double ?? single ?? '')]));
}

function decode(text: string): string {
  return text.replace(/&(?:#x([\da-f]{1,6})|#(\d{1,7})|(lt|gt|amp|quot|apos));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole;
    const point = hex === undefined ? Number(decimal) : parseInt(hex, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}

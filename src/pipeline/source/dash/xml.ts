import sax from 'sax';

/** An element of XML: its name without a prefix, and what is in it. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | undefined>>;
  readonly children: readonly XmlElement[];
  /** Its own text, without that of its children. */
  readonly text: string;
}

/** Elements within each other, of documents that are meant well. */
const MAX_DEPTH = 32;

/**
 * Reads what manifests are made of: elements, attributes and text. A document can define no entities, so that none can grow.
 * @returns the root; undefined where the text is no document
 */
export function parseXml(text: string): XmlElement | undefined {
  const parser = sax.parser(true);
  const open: Building[] = [];
  let root: XmlElement | undefined;
  parser.onerror = (error) => {
    throw error;
  };
  parser.onopentag = ({ name, attributes }) => {
    const element: Building = { name: local(name), attributes: localNames(attributes), children: [], text: '' };
    open.at(-1)?.children.push(element);
    root ??= element;
    if (open.push(element) > MAX_DEPTH) throw new Error('Too many elements within each other');
  };
  parser.onclosetag = () => void open.pop();
  parser.ontext = parser.oncdata = (text) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += text;
  };
  try {
    parser.write(text).close();
  } catch {
    return undefined;
  }
  return root;
}

interface Building extends XmlElement {
  readonly children: Building[];
  text: string;
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function localNames(attributes: sax.Tag['attributes'] | sax.QualifiedTag['attributes']): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [local(name), String(value)]));
}

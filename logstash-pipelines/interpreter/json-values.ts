import { type FieldValue } from './log-event.ts';

/**
 * The JSON values that stand one after the other in a text, as a streaming parser reads them.
 * @throws SyntaxError at what is no JSON
 */
function* jsonValues(text: string): Generator<FieldValue> {
  for (let place = skipBlank(text, 0); place < text.length; place = skipBlank(text, place)) {
    const end = endOfValue(text, place);
    yield JSON.parse(text.slice(place, end)) as FieldValue;
    if (/[0-9]/.test(text[end - 1]!) && /\S/.test(text[end] ?? ' '))
      throw new SyntaxError('a blank has to follow a number');
    place = end;
  }
}

function skipBlank(text: string, place: number): number {
  while (/[ \t\r\n]/.test(text[place] ?? '')) place++;
  return place;
}

/** Where the value that begins at a place ends; a faulty one ends anywhere, its parser finds the fault. */
function endOfValue(text: string, start: number): number {
  const tokens = /"(?:[^"\\]|\\.)*"|[[{]|[\]}]|[^\s"[\]{},:]+|[,:\s]/gs;
  tokens.lastIndex = start;
  let depth = 0;
  for (let match = tokens.exec(text); match && match.index < text.length; match = tokens.exec(text)) {
    if ('[{'.includes(match[0])) depth++;
    else if (']}'.includes(match[0])) depth--;
    if (depth <= 0) return tokens.lastIndex;
  }
  return text.length;
}

/**
 * What the json filter makes of a text: the last of its values (JrJackson reads to the end and keeps the last), null for an
 * empty text, undefined where it is no JSON.
 */
export function lastJson(text: string): FieldValue | undefined {
  try {
    return [...jsonValues(text)].at(-1) ?? null;
  } catch {
    return undefined;
  }
}

/** What the json codecs make of a text: its first value, whatever stands behind (Jackson's readValue), undefined where there is none. */
export function firstJson(text: string): FieldValue | undefined {
  try {
    const place = skipBlank(text, 0);
    return JSON.parse(text.slice(place, endOfValue(text, place))) as FieldValue;
  } catch {
    return undefined;
  }
}

import { stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { DEFAULT_INGEST_LIMITS } from './ingest/ingest-limits.ts';
import { openJsonMessage } from './ingest/json-message.ts';
import { createMask, type Mask } from './ingest/mask.ts';
import { DEFAULT_MASK_POLICY, type MaskPolicy } from './ingest/mask-policy.ts';
import { readFields } from './ingest/record-fields.ts';
import { inferSeverity, normaliseSeverity } from './ingest/severity.ts';
import type { Severity } from './logstore/log-store.ts';
import { readLines } from './simulation/file-lines.ts';
import { createProgressBar, type ProgressStream } from './simulation/progress-bar.ts';
import { createFileTemplates, type FileTemplates, type TemplateSummary } from './templates/file-templates.ts';
import type { ParameterSummary } from './templates/value-range.ts';

const USAGE = `npm run seismolog -- templates FILE… [--top N] [--min-count N] [--json] [--no-mask]

Prints the templates of log files, the most frequent first: how many lines each has, their severity, an example, and
the values at its variable places. FILE may be compressed (.gz), and - is standard input. Nothing is stored anywhere.

  --top N        only the N most frequent templates
  --min-count N  only templates of at least N lines
  --json         one JSON object instead of text
  --no-mask      show e-mail addresses, card numbers, passwords, keys and tokens, which are masked else

A line that is a JSON object is taken by its message, msg, log, event or text, as POST /logs does. Durations are shown in ms,
sizes in bytes.
`;

const NO_MASK_POLICY: MaskPolicy = { email: false, card: false, secret: false, words: [] };

interface Options {
  files: string[];
  top: number;
  min_count: number;
  json: boolean;
  mask: Mask;
}

/** Where output goes: in the product the standard streams, and the wall clock in epoch ms. */
export interface ToolStreams {
  stdout: { write(text: string): unknown };
  stderr: ProgressStream;
  now: () => number;
}

interface Reading {
  files: string[];
  lines: number;
  blank_lines: number;
  /** Longer than a million characters: left out. */
  long_lines: number;
  seconds: number;
}

/** Runs `templates` with its arguments. Throws an Error whose message is meant for the person at the terminal. */
export async function templatesTool(argv: string[], streams: ToolStreams): Promise<void> {
  const options = optionsOf(argv);
  if (options === null) {
    streams.stdout.write(USAGE);
    return;
  }
  const templates = createFileTemplates();
  const reading = await readAll(options, templates, streams);
  const all = templates.list();
  const shown = all.filter(({ count }) => count >= options.min_count).slice(0, options.top);
  if (options.json) {
    const { overflow_lines } = templates;
    const result = { ...reading, overflow_lines, templates_total: all.length, templates: shown };
    streams.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  streams.stdout.write(textOf(shown));
  streams.stderr.write(footOf(reading, templates, all, shown));
}

function optionsOf(argv: string[]): Options | null {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      top: { type: 'string' },
      'min-count': { type: 'string' },
      json: { type: 'boolean', default: false },
      'no-mask': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  if (positionals.length === 0) throw new Error(`Which file? - is standard input.\n\n${USAGE}`);
  if (positionals.filter((file) => file === '-').length > 1)
    throw new Error('Standard input can be read only once.');
  return {
    files: positionals,
    top: wholeNumber('--top', values.top, Infinity),
    min_count: wholeNumber('--min-count', values['min-count'], 1),
    json: values.json,
    mask: createMask(values['no-mask'] ? NO_MASK_POLICY : DEFAULT_MASK_POLICY),
  };
}

function wholeNumber(name: string, text: string | undefined, absent: number): number {
  if (text === undefined) return absent;
  if (!/^[1-9]\d{0,14}$/.test(text))
    throw new Error(`${name} must be a whole number of at least 1, not "${text}".`);
  return Number(text);
}

async function readAll(
  { files, mask }: Options,
  templates: FileTemplates,
  streams: ToolStreams,
): Promise<Reading> {
  const sizes = await Promise.all(files.map(sizeOf));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const bar = streams.stderr.isTTY === true ? createProgressBar(streams.stderr, streams.now) : null;
  const started = streams.now();
  const reading = { files, lines: 0, blank_lines: 0, long_lines: 0, seconds: 0 };
  let read = 0;
  for (const file of files) {
    for await (const lines of linesOf(file, (more) => (read += more))) {
      for (const { text } of lines) addLine(text, mask, templates, reading);
      const seconds = Math.max(0.001, (streams.now() - started) / 1000);
      const share = Number.isFinite(bytes) && bytes > 0 ? Math.min(1, read / bytes) : null;
      bar?.update({
        phase: file === '-' ? 'stdin' : 'reading',
        percent: share && share * 100,
        lines: reading.lines,
        lines_per_second: reading.lines / seconds,
        eta_seconds: share && (seconds / share) * (1 - share),
        at_ms: null,
      });
    }
  }
  bar?.done();
  reading.seconds = Math.round(streams.now() - started) / 1000;
  return reading;
}

/** Bytes of a file, Infinity where nobody knows. */
async function sizeOf(file: string): Promise<number> {
  if (file === '-') return Infinity;
  const found = await stat(file).catch((error: Error) => {
    throw new Error(`${file} can not be read: ${error.message}`, { cause: error });
  });
  if (found.isDirectory()) throw new Error(`${file} is a directory: name its files.`);
  return found.isFile() ? found.size : Infinity;
}

async function* linesOf(file: string, onBytes: (bytes: number) => void): ReturnType<typeof readLines> {
  try {
    yield* readLines(file, onBytes);
  } catch (error) {
    throw new Error(`${file} can not be read to its end: ${(error as Error).message}`, { cause: error });
  }
}

function addLine(text: string | null, mask: Mask, templates: FileTemplates, reading: Reading): void {
  reading.lines++;
  if (text === null) reading.long_lines++;
  else if (text.trim() === '') reading.blank_lines++;
  else {
    const [message, severity] = messageOf(text, mask);
    templates.add(message, severity);
  }
}

/** A line as the product takes it: opened as a record, and again where its message is JSON (Docker's, of a JSON logger). */
function messageOf(line: string, mask: Mask): [string, Severity] {
  const depth = DEFAULT_INGEST_LIMITS.max_depth;
  const record = openJsonMessage(readFields({ message: line }), depth);
  const { message, severity } = record.message === line ? record : openJsonMessage(record, depth - 1);
  const text = mask.text(message as string);
  const isGiven = typeof severity === 'string' || typeof severity === 'number';
  return [text, (isGiven ? normaliseSeverity(severity) : null) ?? inferSeverity(text)];
}

const thousands = (value: number): string => value.toLocaleString('en-US');

const MAX_TEXT = 400;
// What a line says goes to a terminal: no escape sequence of it may.
const shown = (text: string): string => {
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
  return plain.length > MAX_TEXT ? `${plain.slice(0, MAX_TEXT)}…` : plain;
};

function textOf(templates: readonly TemplateSummary[]): string {
  const width = Math.max(9, ...templates.map(({ count }) => thousands(count).length));
  const indent = ' '.repeat(width + 20);
  const head = `${'lines'.padStart(width)}    share  severity  template\n`;
  const blocks = templates.map((one) => {
    const share = `${(one.share * 100).toFixed(2)} %`.padStart(9);
    const first = `${thousands(one.count).padStart(width)}${share}  ${one.severity.padEnd(8)}  ${shown(one.template)}`;
    const parameters = one.parameters.map((parameter) => `${indent} ${parameterText(parameter)}`);
    return [first, `${indent} e.g. ${shown(one.example)}`, ...parameters].join('\n');
  });
  return `${head}${blocks.join('\n')}\n`;
}

function parameterText({
  position,
  type,
  min,
  max,
  unit,
  distinct,
  has_more,
  examples,
}: ParameterSummary): string {
  const name = `${position}. <${type}>`;
  const many = `${thousands(distinct)}${has_more ? ' or more' : ''} different`;
  if (min !== null && max !== null && min < max)
    return `${name}  ${min} … ${max}${unit === null ? '' : ` ${unit}`}, ${many}`;
  return `${name}  ${examples.map(shown).join(', ')}${distinct > examples.length || has_more ? `, …: ${many}` : ''}`;
}

function footOf(
  reading: Reading,
  templates: FileTemplates,
  all: readonly TemplateSummary[],
  printed: readonly TemplateSummary[],
): string {
  const covered = printed.reduce((sum, { count }) => sum + count, 0);
  const notes = [
    `${thousands(reading.lines)} lines, ${thousands(all.length)} templates in ${reading.seconds.toFixed(1)} s`,
    printed.length < all.length ? `${printed.length} of them shown, for ${thousands(covered)} lines` : '',
    reading.blank_lines > 0 ? `${thousands(reading.blank_lines)} blank lines` : '',
    reading.long_lines > 0
      ? `${thousands(reading.long_lines)} lines of more than a million characters left out`
      : '',
    templates.overflow_lines > 0
      ? `${thousands(templates.overflow_lines)} lines under <*>: too many templates`
      : '',
  ];
  return `${notes.filter((note) => note !== '').join('; ')}.\n`;
}

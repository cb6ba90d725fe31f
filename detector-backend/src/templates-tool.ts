import { stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { inferSeverity, normaliseSeverity } from './ingest/severity.ts';
import { readFields } from './ingest/record-fields.ts';
import type { Severity } from './logstore/log-store.ts';
import { readLines } from './simulation/file-lines.ts';
import { createProgressBar, type ProgressStream } from './simulation/progress-bar.ts';
import { createFileTemplates, type FileTemplates, type TemplateSummary } from './templates/file-templates.ts';
import type { ParameterSummary } from './templates/value-range.ts';

const USAGE = `npm run seismolog -- templates FILE… [--top N] [--min-count N] [--json]

Prints the templates of log files, the most frequent first: how many lines each has, their severity, an example, and
the values at its variable places. FILE may be compressed (.gz), and - is standard input. Nothing is stored anywhere.

  --top N        only the N most frequent templates
  --min-count N  only templates of at least N lines
  --json         one JSON object instead of text

A line that is a JSON object with a text "message" is taken by that.
`;

interface Options {
  files: string[];
  top: number;
  min_count: number;
  json: boolean;
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
  const reading = await readAll(options.files, templates, streams);
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
  };
}

function wholeNumber(name: string, text: string | undefined, absent: number): number {
  if (text === undefined) return absent;
  if (!/^[1-9]\d{0,14}$/.test(text))
    throw new Error(`${name} must be a whole number of at least 1, not "${text}".`);
  return Number(text);
}

async function readAll(files: string[], templates: FileTemplates, streams: ToolStreams): Promise<Reading> {
  const sizes = await Promise.all(files.map(sizeOf));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const bar = streams.stderr.isTTY === true ? createProgressBar(streams.stderr, streams.now) : null;
  const started = streams.now();
  const reading = { files, lines: 0, blank_lines: 0, long_lines: 0, seconds: 0 };
  let read = 0;
  for (const file of files) {
    for await (const lines of linesOf(file, (more) => (read += more))) {
      for (const { text } of lines) addLine(text, templates, reading);
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

function addLine(text: string | null, templates: FileTemplates, reading: Reading): void {
  reading.lines++;
  if (text === null) reading.long_lines++;
  else if (text.trim() === '') reading.blank_lines++;
  else {
    const [message, severity] = messageOf(text);
    templates.add(message, severity);
  }
}

function messageOf(text: string): [string, Severity] {
  const record = text.startsWith('{') ? recordOf(text) : null;
  if (record !== null) {
    const { message, severity } = readFields(record);
    const isGiven = typeof severity === 'string' || typeof severity === 'number';
    const given = isGiven ? normaliseSeverity(severity) : null;
    if (typeof message === 'string' && message.trim() !== '')
      return [message, given ?? inferSeverity(message)];
    if (given !== null) return [text, given];
  }
  return [text, inferSeverity(text)];
}

function recordOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
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
  if (min !== null && max !== null && min < max) return `${name}  ${min} … ${max}${unit ?? ''}, ${many}`;
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

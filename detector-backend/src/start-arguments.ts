import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { RECORDED_FORMATS, type RecordedFormat } from './simulation/recorded-line.ts';

export interface StartArguments {
  /** Recorded files; empty: the simulated shop. */
  replay: string[];
  format: RecordedFormat | null;
  speed: number | 'max';
  check: boolean;
  anomalies_file: string | null;
  seed: number;
  http_port: number | null;
  data_dir: string | null;
}

export const USAGE = `npm start -- [options]

Without options: the whole product with a simulated shop, on http://127.0.0.1:3100

  --replay FILE…      replay recorded logs instead of the shop (.gz allowed)
  --format FORMAT     ndjson (documents as for POST /logs) or tsv (epoch ms, service, line); told from the file if left out
  --speed N|max       seconds of log time a second; default max
  --check             run to the end without a page, in a database of its own, and print one JSON object
  --anomalies FILE    write every anomaly of a check or replay as NDJSON
  --seed N            seed of the simulated shop; default 1
  --port N            port of the page and the API; default 3100
  --data-dir DIR      where the database lives; default .data
  --help              this text
`;

/** Parses the command line of `npm start`. Throws Error naming the option that is wrong. */
export function parseStartArguments(argv: string[]): StartArguments | 'help' {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      replay: { type: 'boolean', default: false },
      format: { type: 'string' },
      speed: { type: 'string', default: 'max' },
      check: { type: 'boolean', default: false },
      anomalies: { type: 'string' },
      seed: { type: 'string', default: '1' },
      port: { type: 'string' },
      'data-dir': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  if (values.replay && positionals.length === 0) throw new Error('--replay needs at least one file.');
  if (!values.replay && positionals.length > 0)
    throw new Error(`Unexpected "${positionals[0]}": files go behind --replay.`);
  const missing = positionals.find((file) => !existsSync(file));
  if (missing !== undefined) throw new Error(`There is no file ${missing}.`);
  if (values.anomalies !== undefined && !values.check && !values.replay) {
    throw new Error('--anomalies goes with --check or --replay.');
  }
  return {
    replay: positionals,
    format: formatOf(values.format),
    speed: values.speed === 'max' ? 'max' : numberOf('--speed', values.speed, 0.001, 1e9),
    check: values.check,
    anomalies_file: values.anomalies ?? null,
    seed: numberOf('--seed', values.seed, 0, 2 ** 31 - 1),
    http_port: values.port === undefined ? null : numberOf('--port', values.port, 0, 65_535),
    data_dir: values['data-dir'] ?? null,
  };
}

function formatOf(text: string | undefined): RecordedFormat | null {
  if (text === undefined) return null;
  const format = RECORDED_FORMATS.find((name) => name === text);
  if (!format) throw new Error(`--format must be one of ${RECORDED_FORMATS.join(', ')}, got "${text}".`);
  return format;
}

function numberOf(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  const is_whole = option === '--speed' || Number.isInteger(value);
  if (text.trim() === '' || !(value >= min && value <= max) || !is_whole) {
    throw new Error(
      `${option} must be a ${option === '--speed' ? 'number' : 'whole number'} from ${min} to ${max}, got "${text}".`,
    );
  }
  return value;
}

import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { parseCsv } from './bench-csv.ts';

/** One labelling of a set: `original`, `corrected` (Khan et al., ICSE 2022) or `loghub-2.0` (Jiang et al., ISSTA 2024). */
export interface Labels {
  name: 'original' | 'corrected' | 'loghub-2.0';
  /** Group and template string of each line. */
  groups: string[];
  templates: string[];
}

/** A set of log lines, each labelled with its event: a folder such as `Apache` of loghub-2k. */
export interface LoghubSet {
  name: string;
  /** The column `Content`: the message without time stamp, level and the like. */
  lines: string[];
  labels: Labels[];
}

const LABELS: readonly [Labels['name'], RegExp][] = [
  ['original', /\.log_structured\.csv(\.gz)?$/],
  ['corrected', /\.log_structured_corrected\.csv(\.gz)?$/],
  ['loghub-2.0', /loghub2_structured_corrected\.csv(\.gz)?$/],
];

/** All sets in the folders below `data_dir/loghub_2k`, or below `data_dir` itself, by name. */
export function readLoghubSets(data_dir: string | null): LoghubSet[] {
  const roots = data_dir === null ? [] : [path.join(data_dir, 'loghub_2k'), data_dir];
  for (const root of roots) {
    const sets = foldersOf(root).flatMap((name) => readSet(path.join(root, name), name));
    if (sets.length > 0) return sets;
  }
  throw new Error(
    `There is no set in loghub-2k form (NAME/NAME_2k.log_structured.csv, also .gz) in ${data_dir ?? 'any known place'}: pass --data DIR.`,
  );
}

const foldersOf = (root: string): string[] =>
  fs.existsSync(root)
    ? fs
        .readdirSync(root, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .sort()
    : [];

function readSet(folder: string, name: string): LoghubSet[] {
  const files = fs.readdirSync(folder);
  let lines: string[] = [];
  const labels = LABELS.flatMap(([label, form]): Labels[] => {
    const file = files.find((candidate) => form.test(candidate));
    if (file === undefined) return [];
    const bytes = fs.readFileSync(path.join(folder, file));
    const rows = parseCsv((file.endsWith('.gz') ? zlib.gunzipSync(bytes) : bytes).toString());
    if (lines.length === 0) lines = rows.map(({ Content = '' }) => Content);
    if (rows.length !== lines.length)
      throw new Error(`${file} has ${rows.length} lines, another label file of ${name} has ${lines.length}`);
    return [
      {
        name: label,
        groups: rows.map(({ EventId = '', EventTemplate = '' }) => EventId || EventTemplate),
        templates: rows.map(({ EventTemplate = '' }) => EventTemplate),
      },
    ];
  });
  return labels.length > 0 ? [{ name, lines, labels }] : [];
}

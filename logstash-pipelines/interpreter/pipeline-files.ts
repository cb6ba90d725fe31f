import fs from 'node:fs';
import path from 'node:path';
import { parse as parseYaml } from 'yaml';
import { type ConfigNode } from './config-ast.ts';
import { parseConfig } from './config-parser.ts';
import { substitute, type Variables } from './variable-substitution.ts';

/** An entry of pipelines.yml, as it is written. */
export type PipelineEntry = { id: string; path: string; settings: Record<string, unknown> };

/** A pipeline's files; names are relative to the folder of the pipelines. */
export type ConfigFile = { name: string; node: ConfigNode };

/** `logstash-pipelines/` of the repository, or a folder of the same form. */
export type PipelineFolder = string;

export function readEntries(folder: PipelineFolder): PipelineEntry[] {
  const entries = readYaml(path.join(folder, 'config', 'pipelines.yml')) as Record<string, unknown>[];
  return entries.map((settings) => ({
    id: String(settings['pipeline.id']),
    path: String(settings['path.config']),
    settings,
  }));
}

/** Settings of logstash.yml; an empty object where there is none. */
export function readLogstashSettings(folder: PipelineFolder): Record<string, unknown> {
  const file = path.join(folder, 'config', 'logstash.yml');
  return fs.existsSync(file) ? ((readYaml(file) as Record<string, unknown> | null) ?? {}) : {};
}

function readYaml(file: string): unknown {
  return parseYaml(fs.readFileSync(file, 'utf8'));
}

/**
 * The files of an entry with these variables: those in `pipelines/` that fit what follows `/pipelines/` in its `path.config` (a file, a
 * folder, or a glob with `*`), sorted by name.
 */
export function filesOf(folder: PipelineFolder, entry: PipelineEntry, variables: Variables): string[] {
  return matchingFiles(folder, substitute(entry.path, variables));
}

/**
 * Every set of files that an entry can stand for: a variable in the name of its file has one set for each file that fits.
 */
export function variantsOf(folder: PipelineFolder, entry: PipelineEntry): string[][] {
  const name = path.posix.basename(entry.path);
  const any = /\$\{[^}]*\}/g;
  const files = matchingFiles(folder, entry.path.replace(any, '*'));
  return any.test(name) ? files.map((file) => [file]) : [files];
}

function matchingFiles(folder: PipelineFolder, wanted: string): string[] {
  const relative = wanted.split('/pipelines/').at(-1)!.replace(/\/$/, '');
  const all = allFiles(folder);
  const expression = new RegExp(
    `^${relative.replace(/[.+?^$|()[\]{}\\]/g, '\\$&').replaceAll('*', '[^/]*')}$`,
  );
  return all.filter((file) => expression.test(file) || expression.test(path.posix.dirname(file)));
}

/** Every .conf below `pipelines/`, sorted. */
export function allFiles(folder: PipelineFolder): string[] {
  return fs
    .readdirSync(path.join(folder, 'pipelines'), { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll(path.sep, '/'))
    .filter((name) => name.endsWith('.conf'))
    .sort();
}

const PARSED = new Map<string, ConfigFile>();

/** Parses a file once. @throws ConfigError */
export function readConfig(folder: PipelineFolder, name: string): ConfigFile {
  const file = path.join(folder, 'pipelines', name);
  const text = fs.readFileSync(file, 'utf8');
  const key = `${file}\0${text}`;
  let parsed = PARSED.get(key);
  if (!parsed) PARSED.set(key, (parsed = { name, node: parseConfig(name, text) }));
  return parsed;
}

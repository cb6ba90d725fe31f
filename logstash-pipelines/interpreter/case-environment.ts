import fs from 'node:fs';
import path from 'node:path';
import { type FilterContext } from './filters/filter-context.ts';
import { type GrokPatterns, readPatterns } from './grok.ts';
import { readPatternSet } from './grok-pattern-set.ts';
import { LogTimestamp } from './log-timestamp.ts';
import { filesOf, type PipelineFolder, readConfig, readEntries } from './pipeline-files.ts';
import { compilePipeline } from './pipeline.ts';
import { type PipelineNet } from './pipeline-run.ts';
import { type Variables } from './variable-substitution.ts';

/** The clock of a case that sets none. */
export const DEFAULT_NOW = '2026-01-15T12:00:00.000Z';

/** A net of pipelines with the clock and counter that its filters read; `restart` sets both for a test case. */
export type CaseNet = PipelineNet & { now: () => LogTimestamp; restart: (now: string) => void };

/** Grok patterns: those of Logstash, then those of `patterns_dir`, looked up by the last part of the path. */
export function patternReader(folder: PipelineFolder): (folders: string[]) => GrokPatterns {
  const known = new Map<string, GrokPatterns>();
  return (folders) => {
    const key = folders.join('\0');
    const own = folders.map((name) => path.join(folder, path.posix.basename(name)));
    if (!known.has(key)) known.set(key, new Map([...readPatternSet(), ...readPatterns(own)]));
    return known.get(key)!;
  };
}

/** What filters need, for the pipelines of a folder. */
export function filterContext(folder: PipelineFolder): FilterContext & { restart: (now: string) => void } {
  let now = new LogTimestamp(Date.parse(DEFAULT_NOW));
  let count = 0;
  return {
    now: () => now,
    nextUuid: () => `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`,
    grokPatterns: patternReader(folder),
    dictionaryFile: (wanted) => {
      const name = path.posix.basename(wanted);
      const places = ['dictionaries', 'config', 'pipelines'].map((part) => path.join(folder, part, name));
      const found = places.find((file) => fs.existsSync(file));
      if (!found) throw new Error(`no dictionary ${name} in dictionaries/, config/ or pipelines/`);
      return found;
    },
    restart: (text) => {
      now = new LogTimestamp(Date.parse(text));
      count = 0;
    },
  };
}

/** Lines `NAME=value` of a file; empty where there is none. */
function readEnvironment(file: string): Map<string, string> {
  const lines = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split(/\r?\n/) : [];
  return new Map(lines.flatMap((line) => (/^\s*[A-Za-z_]\w*=/.test(line) ? [splitLine(line)] : [])));
}

function splitLine(line: string): [string, string] {
  const place = line.indexOf('=');
  return [line.slice(0, place).trim(), line.slice(place + 1).trim()];
}

/**
 * Variables of cases: the given ones, then those of `cases/environment.env`; one that has neither a value nor a default is
 * `test-NAME`.
 */
export function caseVariables(folder: PipelineFolder, given: Record<string, string> = {}): Variables {
  const known = readEnvironment(path.join(folder, 'cases', 'environment.env'));
  return (name, hasDefault) => given[name] ?? known.get(name) ?? (hasDefault ? undefined : `test-${name}`);
}

/**
 * Compiles every pipeline that pipelines.yml starts with these variables.
 * @throws ConfigError for the first fault
 */
export function loadNet(folder: PipelineFolder, given: Record<string, string> = {}): CaseNet {
  const context = filterContext(folder);
  const variables = caseVariables(folder, given);
  const pipelines = readEntries(folder).flatMap((entry) => {
    const files = filesOf(folder, entry, variables);
    if (!files.length) return [];
    return [
      compilePipeline(
        entry.id,
        files.map((name) => readConfig(folder, name)),
        variables,
        context,
      ),
    ];
  });
  return { pipelines, grokPatterns: context.grokPatterns, now: context.now, restart: context.restart };
}

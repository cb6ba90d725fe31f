import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { filterContext } from './case-environment.ts';
import { parseConfig } from './config-parser.ts';
import { type FieldMap, newEvent } from './log-event.ts';
import { LogTimestamp } from './log-timestamp.ts';
import { compilePipeline, filtered, type Pipeline } from './pipeline.ts';

const FOLDERS: string[] = [];

/** A folder of pipelines of these files (names relative to it), removed by `removeFolders`. */
export function pipelineFolder(files: Record<string, string>): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'logstash-pipelines-'));
  FOLDERS.push(folder);
  for (const [name, text] of Object.entries({ 'pipelines/.keep': '', ...files })) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
  return folder;
}

export function removeFolders(): void {
  for (const folder of FOLDERS.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
}

/** A pipeline of one text, without other files. */
export function pipelineOf(text: string, variables: Record<string, string> = {}, folder = ''): Pipeline {
  const context = filterContext(folder);
  return compilePipeline(
    'test',
    [{ name: 'test.conf', node: parseConfig('test.conf', text) }],
    (name) => variables[name],
    context,
  );
}

/**
 * The fields of the events that come out of filters, without `@version` and `@timestamp` unless that was set.
 * @param now the clock
 */
export function filterAll(
  filters: string,
  fields: FieldMap,
  now = '2026-01-15T12:00:00.000Z',
  folder = '',
): FieldMap[] {
  const pipeline = pipelineOf(`filter { ${filters} }`, {}, folder);
  const clock = new LogTimestamp(Date.parse(now));
  return filtered(pipeline.filters, newEvent(fields, clock)).map((event) => {
    const { '@version': _version, '@timestamp': time, ...rest } = event.fields;
    return JSON.parse(JSON.stringify(time === clock ? rest : { '@timestamp': time, ...rest })) as FieldMap;
  });
}

export function filterOne(filters: string, fields: FieldMap, now?: string, folder = ''): FieldMap {
  const events = filterAll(filters, fields, now, folder);
  if (events.length !== 1) throw new Error(`expected one event, got ${events.length}`);
  return events[0]!;
}

import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseConfig } from './config-parser.ts';
import { oracleErrors, oraclePython } from './grammar-oracle.ts';
import { allFiles } from './pipeline-files.ts';
import { pipelineFolder, removeFolders } from './pipeline-fixture.ts';

const FOLDER = path.resolve(import.meta.dirname, '..');
const BROKEN = [
  'filter { mutate { rename => { "a" => "b" ',
  'filter { mutate { rename = { "a" => "b" } } }',
  'filter { if [a] === "b" { drop { } } }',
  'filter { mutate { add_tag => "a } }',
];

afterAll(removeFolders);

describe('an independent parser of the grammar', () => {
  it('reads every .conf, and refuses what we refuse', (context) => {
    const oracle = oraclePython();
    if ('missing' in oracle) {
      console.warn(`skipped: logstash-pipeline-parser cannot be installed here (${oracle.missing})`);
      return context.skip();
    }
    const ours = allFiles(FOLDER).map((name) => path.join(FOLDER, 'pipelines', name));
    const broken = pipelineFolder(Object.fromEntries(BROKEN.map((text, index) => [`${index}.conf`, text])));
    const files = BROKEN.map((_, index) => path.join(broken, `${index}.conf`));
    const errors = oracleErrors(oracle.python, [...ours, ...files]);
    expect(ours.length).toBeGreaterThan(0);
    expect(ours.filter((file) => errors[file] !== null)).toEqual([]);
    expect(files.filter((file) => errors[file] === null)).toEqual([]);
    for (const text of BROKEN) expect(() => parseConfig('broken.conf', text)).toThrow('broken.conf:1:');
  }, 120_000);
});

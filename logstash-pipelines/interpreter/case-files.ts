import fs from 'node:fs';
import path from 'node:path';
import { DEFAULT_NOW, type CaseNet, loadNet } from './case-environment.ts';
import { differences } from './event-difference.ts';
import { type FieldMap, type FieldValue, isMap, METADATA, removeField } from './log-event.ts';
import { type PipelineFolder } from './pipeline-files.ts';
import { type Arrival, decoderFor, runEvent } from './pipeline-run.ts';

/** A file of cases in the form of Logstash-Filter-Verifier's daemon mode; `now` and `environment` exist only here. */
export type CaseFile = {
  name: string;
  input_plugin?: string;
  fields: FieldMap;
  ignore: string[];
  export_metadata: boolean;
  export_outputs: boolean;
  now: string;
  environment: Record<string, string>;
  testcases: TestCase[];
};

export type TestCase = {
  description: string;
  fields: FieldMap;
  input: string[];
  expected: FieldMap[];
  now: string;
};

export type CaseResult = { file: string; description: string; problem: string | null };

const FILE_KEYS = [
  'description',
  'codec',
  'input_plugin',
  'fields',
  'ignore',
  'export_metadata',
  'export_outputs',
  'now',
  'environment',
  'testcases',
];
const CASE_KEYS = ['description', 'fields', 'input', 'expected', 'now'];

/** Reads the cases of `cases/*.json`, sorted by name. @throws Error for a key that no case file has */
export function readCases(folder: PipelineFolder): CaseFile[] {
  const place = path.join(folder, 'cases');
  return fs
    .readdirSync(place)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) =>
      caseFile(name, JSON.parse(fs.readFileSync(path.join(place, name), 'utf8')) as Partial<CaseFile>),
    );
}

function caseFile(name: string, read: Partial<CaseFile>): CaseFile {
  refuseUnknown(name, read, FILE_KEYS);
  const now = read.now ?? DEFAULT_NOW;
  if (!read.testcases?.length) throw new Error(`${name}: no testcases`);
  return {
    name,
    fields: {},
    ignore: [],
    export_metadata: false,
    export_outputs: false,
    environment: {},
    ...read,
    now,
    testcases: read.testcases.map((testcase: Partial<TestCase>, index) => {
      refuseUnknown(`${name} case ${index + 1}`, testcase, CASE_KEYS);
      return { description: `case ${index + 1}`, fields: {}, input: [], now, expected: [], ...testcase };
    }),
  };
}

function refuseUnknown(where: string, read: object, known: string[]): void {
  for (const key of Object.keys(read))
    if (!known.includes(key)) throw new Error(`${where}: unknown key ${key}`);
}

/** Runs every case of a folder on its pipelines. */
export function runCases(folder: PipelineFolder): CaseResult[] {
  const nets = new Map<string, CaseNet>();
  return readCases(folder).flatMap((file) => {
    const key = JSON.stringify(file.environment);
    if (!nets.has(key)) nets.set(key, loadNet(folder, file.environment));
    return file.testcases.map((testcase) => runCase(nets.get(key)!, file, testcase));
  });
}

export function runCase(net: CaseNet, file: CaseFile, testcase: TestCase): CaseResult {
  const result = { file: file.name, description: testcase.description };
  try {
    const actual = outputsOf(net, file, testcase).map((arrival) => shownEvent(file, arrival));
    const problem = differences(testcase.expected, actual);
    return {
      ...result,
      problem: problem && `${problem}\nThe events were:\n${JSON.stringify(actual, null, 2)}`,
    };
  } catch (error) {
    return { ...result, problem: (error as Error).message };
  }
}

/** What a test case makes reach the outputs, line by line and for each line by the ids of the outputs. */
export function outputsOf(
  net: CaseNet,
  file: Pick<CaseFile, 'input_plugin' | 'fields'>,
  testcase: TestCase,
): Arrival[] {
  const input = file.input_plugin ?? onlyInput(net);
  net.restart(testcase.now);
  const fields = { ...file.fields, ...testcase.fields };
  const decoded = testcase.input.length ? decoderFor(net, input)(testcase.input) : [{}];
  return decoded.flatMap((event) => runEvent(net, input, event, fields, net.now()));
}

function onlyInput(net: CaseNet): string {
  const inputs = net.pipelines
    .flatMap((pipeline) => pipeline.inputs)
    .filter((input) => input.name !== 'pipeline');
  if (inputs.length !== 1) throw new Error('input_plugin is needed: there are several inputs');
  return inputs[0]!.id ?? '';
}

/** The event as Logstash-Filter-Verifier shows it. */
function shownEvent(file: CaseFile, { event, output }: Arrival): FieldMap {
  const shown: FieldMap = event.fields;
  for (const ignored of ['@version', ...file.ignore]) removeField(event, ignored);
  if (file.export_outputs) shown.__lfv_out_passed = (output.id ?? '').replace(/[^A-Za-z0-9]/g, '_');
  const metadata = shown[METADATA];
  if (isMap(metadata))
    for (const name of Object.keys(metadata)) if (/^__(lfv|tmp)_/.test(name)) delete metadata[name];
  if (!file.export_metadata || !isMap(metadata) || !Object.keys(metadata).length) delete shown[METADATA];
  if (Array.isArray(shown.tags) && !shown.tags.length) delete shown.tags;
  return JSON.parse(JSON.stringify(shown)) as Record<string, FieldValue>;
}

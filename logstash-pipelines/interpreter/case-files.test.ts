import { afterAll, describe, expect, it } from 'vitest';
import { runCases } from './case-files.ts';
import { pipelineFolder, removeFolders } from './pipeline-fixture.ts';

afterAll(removeFolders);

const PIPELINES = {
  'config/pipelines.yml': `
- pipeline.id: in
  path.config: "\${ROOT:/usr/share}/pipelines/in.conf"
- pipeline.id: out
  path.config: "\${ROOT:/usr/share}/pipelines/out-\${KIND:flat}.conf"
`,
  'pipelines/in.conf': `
input { tcp { id => "in-tcp" port => 1 type => "t" tags => ["in"] add_field => { "by" => "%{message}" } } }
filter {
  if [message] == "gone" { drop { } }
  if [message] == "two" { clone { clones => ["copy"] } }
  mutate { remove_field => ["event"] replace => { "[@metadata][at]" => "%{{TIME_NOW}}" } }
}
output {
  pipeline { id => "to_out" send_to => ["out"] }
  if [message] == "both" { stdout { id => "a-out" } }
}`,
  'pipelines/out-flat.conf': `
input { pipeline { id => "out_in" address => "out" } }
output { elasticsearch { id => "es" index => "logs-%{slug}-%{+YYYY.MM.dd}" password => "\${SECRET}" } }`,
  'pipelines/out-print.conf': `
input { pipeline { id => "out_in" address => "out" } }
output { stdout { id => "print" } }`,
};

const EXPECTED = {
  message: 'a',
  type: 't',
  tags: ['in'],
  by: 'a',
  slug: 'x',
  '@timestamp': '2026-01-15T12:00:00.000Z',
};

/** The problems of one test case, null where it passes. */
function problemsOf(
  file: object,
  testcase: object,
  pipelines: Record<string, string> = PIPELINES,
): (string | null)[] {
  const text = JSON.stringify({
    input_plugin: 'in-tcp',
    fields: { slug: 'x' },
    ...file,
    testcases: [{ description: 'd', ...testcase }],
  });
  return runCases(pipelineFolder({ ...pipelines, 'cases/one.json': text })).map((result) => result.problem);
}

describe('cases', () => {
  it('pass when every field is as expected, through pipelines', () => {
    expect(problemsOf({}, { input: ['a'], expected: [EXPECTED] })).toEqual([null]);
  });

  it('show each difference on a line of its own, with the events', () => {
    const [problem] = problemsOf({}, { input: ['a'], expected: [{ ...EXPECTED, by: 'b', more: { x: 1 } }] });
    expect(problem).toContain('[by]: expected "b", got "a"\n[more]: expected {"x":1}, got nothing\n');
    expect(problem).toContain('"message": "a"');
    expect(problemsOf({}, { input: ['a', 'a'], expected: [EXPECTED] })[0]).toContain(
      'expected 1 events, got 2',
    );
    expect(problemsOf({}, { input: ['a'], expected: [] })[0]).toContain('expected 0 events, got 1');
  });

  it('feed an event without message where there is no input, with the fields of file and case', () => {
    const fields = { slug: 'y', '[log][offset]': 5, message: 'a' };
    expect(problemsOf({}, { fields, expected: [{ ...EXPECTED, slug: 'y', log: { offset: 5 } }] })).toEqual([
      null,
    ]);
  });

  it('ignore fields, show metadata and outputs on demand, in the order of the output ids', () => {
    const file = {
      ignore: ['by', '@timestamp', 'type', 'tags'],
      export_metadata: true,
      export_outputs: true,
    };
    const shown = { message: 'both', slug: 'x', '@metadata': { at: '2026-03-01T00:00:00.000Z' } };
    const expected = [
      { ...shown, __lfv_out_passed: 'a_out' },
      { ...shown, __lfv_out_passed: 'es' },
    ];
    expect(problemsOf(file, { input: ['both'], now: '2026-03-01T00:00:00.000Z', expected })).toEqual([null]);
  });

  it('follow dropped and cloned events', () => {
    const file = { ignore: ['by', '@timestamp', 'type'] };
    expect(problemsOf(file, { input: ['gone'], expected: [] })).toEqual([null]);
    const two = [
      { message: 'two', slug: 'x', tags: ['in'] },
      { message: 'two', slug: 'x', tags: ['in', 'copy'] },
    ];
    expect(problemsOf(file, { input: ['two'], expected: two })).toEqual([null]);
  });

  it('choose the variant of a pipeline by the environment of the file or of the folder', () => {
    const file = { environment: { KIND: 'print' }, export_outputs: true };
    const expected = [{ ...EXPECTED, __lfv_out_passed: 'print' }];
    expect(problemsOf(file, { input: ['a'], expected })).toEqual([null]);
    const folder = { ...PIPELINES, 'cases/environment.env': '# variables\nKIND=print\n' };
    expect(problemsOf({ export_outputs: true }, { input: ['a'], expected }, folder)).toEqual([null]);
  });

  it('fail for what Elasticsearch would refuse', () => {
    const run = (fields: object) => problemsOf({ fields }, { input: ['a'], expected: [] })[0];
    expect(run({ slug: 'x', service: { name: 's' } })).toContain('es: the event has an object under service');
    expect(run({ slug: 'x', '[source][ip]': '::1' })).toContain('es: the event has an object under source');
    expect(run({})).toContain('index has an unresolved field: logs-%{slug}-2026.01.15');
    expect(run({ slug: 'A' })).toContain('Elasticsearch refuses the index name logs-A-2026.01.15');
  });

  it('fail for an unknown input, an address without listener, and unknown keys', () => {
    expect(problemsOf({ input_plugin: 'in' }, { input: ['a'] })[0]).toContain(
      'no input has the id in; there are in-tcp, out_in',
    );
    expect(problemsOf({ environment: { KIND: 'none' } }, { input: ['a'] })[0]).toContain(
      'nobody listens at the address out',
    );
    expect(() => problemsOf({ inputs: [] }, {})).toThrow('one.json: unknown key inputs');
    expect(() => problemsOf({}, { expects: [] })).toThrow('one.json case 1: unknown key expects');
    expect(problemsOf({}, { fields: { '@timestamp': 'x' }, expected: [] })[0]).toContain(
      '@timestamp takes a time stamp',
    );
  });
});

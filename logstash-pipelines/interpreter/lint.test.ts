import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { environmentNames, lint } from './lint.ts';
import { pipelineFolder, removeFolders } from './pipeline-fixture.ts';

const FOLDER = path.resolve(import.meta.dirname, '..');

afterAll(removeFolders);

/** Pipelines without a fault: an intake, a filter pipeline of two files, two variants of an output. */
const CLEAN = {
  'config/pipelines.yml': `
- pipeline.id: in
  path.config: /opt/pipelines/in.conf
  queue.type: persisted
- pipeline.id: work
  path.config: /opt/pipelines/work/*.conf
- pipeline.id: out
  path.config: "/opt/pipelines/out-\${KIND:a}.conf"
`,
  'config/keystore-keys.txt': 'SECRET # in the keystore\n',
  'pipelines/in.conf': `input { beats { id => "in" port => 5044 } } output { pipeline { id => "to_work" send_to => ["work"] } }`,
  'pipelines/work/1.conf': `input { pipeline { id => "work" address => "work" } }
filter { if [a] and [b] { grok { id => "g" match => { "message" => "^%{WORD:w}$" } timeout_millis => 500 } } }`,
  'pipelines/work/2.conf': `filter {
    fingerprint { id => "f" source => ["message", "[log][offset]"] concatenate_sources => true target => "[@metadata][id]" }
  } output { pipeline { id => "to_out" send_to => "out" } }`,
  'pipelines/out-a.conf': `input { pipeline { id => "out" address => "out" } }
output { elasticsearch { id => "es" hosts => ["https://e:9200"] api_key => "\${SECRET}" index => "logs-x" document_id => "%{[@metadata][id]}" action => "create" } }`,
  'pipelines/out-b.conf': `input { pipeline { id => "out" address => "out" } }
output { elasticsearch { id => "es" hosts => ["\${URL:http://e:9200}"] password => "\${PASSWORD}" index => "logs-x" } }`,
};

type Name = keyof typeof CLEAN;

function faultsOf(changes: Record<string, string>): string[] {
  const folder = pipelineFolder({ ...CLEAN, ...changes });
  return lint(folder, { variables: ['PASSWORD'] }).map(
    (fault) => `${fault.rule}: ${fault.where}: ${fault.message}`,
  );
}

/** The faults after a text of one file is replaced. */
function changed(name: Name, from: string, to: string): string[] {
  expect(CLEAN[name]).toContain(from);
  return faultsOf({ [name]: CLEAN[name].replace(from, to) });
}

function only(faults: string[], rule: string, message: string): void {
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(new RegExp(`^${rule}: `));
  expect(faults[0]).toContain(message);
}

describe('lint rules', () => {
  it('find nothing in clean pipelines', () => {
    expect(faultsOf({})).toEqual([]);
  });

  it('syntax and options', () => {
    const syntax = changed('pipelines/work/2.conf', 'source =>', 'source =');
    expect(syntax[0]).toContain('config: work/2.conf:2:36: expected => after the option source');
    const obsolete = changed('pipelines/in.conf', 'port => 5044', 'port => 5044 ssl => true');
    expect(obsolete).toContainEqual(
      expect.stringContaining('config: in.conf:1:41: option ssl of input beats is removed'),
    );
  });

  it('plugin-id: there, and once in all pipelines', () => {
    only(changed('pipelines/work/1.conf', 'id => "g" ', ''), 'plugin-id', 'filter grok has no id');
    only(changed('pipelines/work/1.conf', 'id => "g"', 'id => "f"'), 'plugin-id', 'the id f stands twice');
    only(changed('pipelines/in.conf', 'id => "in"', 'id => "g"'), 'plugin-id', 'the id g stands twice');
  });

  it('grok-anchors', () => {
    only(
      changed('pipelines/work/1.conf', '^%{WORD:w}$', '%{WORD:w}$'),
      'grok-anchors',
      'has to begin with ^',
    );
    only(
      changed('pipelines/work/1.conf', '^%{WORD:w}$', '^%{WORD:w}'),
      'grok-anchors',
      'has to begin with ^',
    );
    only(changed('pipelines/work/1.conf', '^%{WORD:w}$', '^%{WORD:w}\\$'), 'grok-anchors', 'to end with $');
    expect(changed('pipelines/work/1.conf', '^%{WORD:w}$', '\\A%{WORD:w}\\z')).toEqual([]);
  });

  it('grok-timeout', () => {
    only(changed('pipelines/work/1.conf', ' timeout_millis => 500', ''), 'grok-timeout', 'has to be set');
    only(changed('pipelines/work/1.conf', '500', '30000'), 'grok-timeout', 'at most 1000');
    only(changed('pipelines/work/1.conf', '500', '0'), 'grok-timeout', 'at most 1000');
  });

  it('grok-compile', () => {
    const undefinedName = changed('pipelines/work/1.conf', '%{WORD:w}', '%{WIRD:w}');
    expect(undefinedName[0]).toBe('grok-compile: work/1.conf:2:44: grok: pattern %{WIRD:w} not defined');
    expect(changed('pipelines/work/1.conf', '%{WORD:w}', '(%{WORD:w}')[0]).toContain('unmatched parenthesis');
    // Known to Elasticsearch only.
    expect(changed('pipelines/work/1.conf', '%{WORD:w}', '%{DATE_YMD:w}')[0]).toContain('not defined');
  });

  it('variable', () => {
    only(
      changed('pipelines/out-b.conf', '${PASSWORD}', '${PASSWORT}'),
      'variable',
      '${PASSWORT} has no default',
    );
    only(changed('config/keystore-keys.txt', 'SECRET', 'OTHER'), 'variable', '${SECRET} has no default');
    expect(changed('pipelines/out-b.conf', '${PASSWORD}', '${PASSWORT:}')).toEqual([]);
    expect(changed('pipelines/out-b.conf', 'input', '# ${NOWHERE}\ninput')).toEqual([]);
    expect(environmentNames('A=1\n# B=\n  C_2=x\ntext D=1')).toEqual(['A', 'B', 'C_2']);
  });

  it('pipeline-graph: complete, one listener, no cycle', () => {
    const lost = changed('pipelines/work/2.conf', 'send_to => "out"', 'send_to => "nowhere"');
    expect(lost).toEqual([
      'pipeline-graph: work/2.conf: nobody listens at the address nowhere',
      'pipeline-graph: out: nobody sends to the address out',
    ]);
    only(
      changed(
        'pipelines/in.conf',
        '} output',
        ' pipeline { id => "second" address => "out" } } output',
      ).filter((fault) => !fault.includes('cycle')),
      'pipeline-graph',
      'the address out has two listeners',
    );
    only(
      changed('pipelines/work/2.conf', 'send_to => "out"', 'send_to => ["out", "work"]'),
      'pipeline-graph',
      'a cycle: work -> work',
    );
  });

  it('persisted-queue: in pipelines.yml or by default', () => {
    const memory = CLEAN['config/pipelines.yml'].replace('  queue.type: persisted\n', '');
    only(faultsOf({ 'config/pipelines.yml': memory }), 'persisted-queue', 'takes lines in (beats) without');
    expect(
      faultsOf({ 'config/pipelines.yml': memory, 'config/logstash.yml': 'queue.type: persisted\n' }),
    ).toEqual([]);
    only(changed('config/pipelines.yml', 'persisted', 'memory'), 'persisted-queue', 'pipelines.yml in');
  });

  it('api-key-tls', () => {
    only(
      changed('pipelines/out-a.conf', 'https://e', 'http://e'),
      'api-key-tls',
      'api_key needs hosts with https://',
    );
    only(
      changed('pipelines/out-a.conf', 'https://e:9200', '${URL:http://e}'),
      'api-key-tls',
      'api_key needs',
    );
    only(
      changed('pipelines/out-a.conf', 'api_key =>', 'ssl_enabled => false api_key =>'),
      'api-key-tls',
      'api_key needs',
    );
    only(
      changed('pipelines/out-a.conf', 'hosts => ["https://e:9200"] api_key', 'hosts => ["e"] cloud_auth'),
      'api-key-tls',
      'cloud_auth needs',
    );
    expect(changed('pipelines/out-a.conf', '"https://e:9200"]', '"e:9200"] ssl_enabled => true')).toEqual([]);
    expect(changed('pipelines/out-a.conf', 'https://e:9200', '${URL:https://e:9200}')).toEqual([]);
  });

  it('data-stream-id', () => {
    const faults = changed(
      'pipelines/out-a.conf',
      'action => "create"',
      'action => "index" data_stream => true',
    );
    expect(faults.map((fault) => fault.replace(/.*: /, ''))).toEqual(
      ['document_id', 'index', 'action'].map((option) => `${option} does not go with data_stream => true`),
    );
  });

  it('content-id', () => {
    only(
      changed('pipelines/work/2.conf', '"message", "[log][offset]"', '"message"'),
      'content-id',
      'an id from the text alone',
    );
    only(
      changed('pipelines/work/2.conf', 'source => ["message", "[log][offset]"]', ''),
      'content-id',
      'an id from the text alone',
    );
    only(
      changed('pipelines/work/2.conf', 'concatenate_sources => true', ''),
      'content-id',
      'an id from the text alone',
    );
    only(
      changed('pipelines/out-a.conf', '%{[@metadata][id]}', '%{message}'),
      'content-id',
      'the id is the text of the line',
    );
    expect(
      changed(
        'pipelines/work/2.conf',
        '"message", "[log][offset]"',
        '"message"] method => "UUID" add_tag => ["x"',
      ),
    ).toEqual([]);
  });

  it('mixed-operators and one-value-list', () => {
    only(
      changed('pipelines/work/1.conf', '[a] and [b]', '[a] and [b] or [c]'),
      'mixed-operators',
      'needs parentheses',
    );
    expect(changed('pipelines/work/1.conf', '[a] and [b]', '([a] and [b]) or [c]')).toEqual([]);
    only(
      changed('pipelines/work/1.conf', '[a] and [b]', '[a] in ["x"]'),
      'one-value-list',
      'a list of one value',
    );
  });

  it('conf-listed', () => {
    only(
      faultsOf({ 'pipelines/extra.conf': '' }),
      'conf-listed',
      'no entry of pipelines.yml names this file',
    );
    expect(changed('config/pipelines.yml', 'in.conf', 'inn.conf')).toContainEqual(
      'conf-listed: in: no file fits /opt/pipelines/inn.conf',
    );
  });
});

describe('our pipelines', () => {
  it('have no fault', () => {
    const example = path.join(FOLDER, '..', '.env.example');
    const variables = fs.existsSync(example) ? environmentNames(fs.readFileSync(example, 'utf8')) : [];
    expect(lint(FOLDER, { variables })).toEqual([]);
  });
});

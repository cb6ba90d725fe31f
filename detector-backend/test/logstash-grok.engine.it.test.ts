import path from 'node:path';
import { expect, inject, it } from 'vitest';
import { filterContext, loadNet } from '../../logstash-pipelines/interpreter/case-environment.ts';
import { readCases } from '../../logstash-pipelines/interpreter/case-files.ts';
import { dissectFields, dissectText } from '../../logstash-pipelines/interpreter/filters/dissect-filter.ts';
import { textsOf } from '../../logstash-pipelines/interpreter/filters/filter-context.ts';
import { compileGrok, expandGrok } from '../../logstash-pipelines/interpreter/grok.ts';
import { type PluginSettings } from '../../logstash-pipelines/interpreter/plugin-settings.ts';
import { describeUnless, engineUrl, missingForEngines } from './engines.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../logstash-pipelines');

const context = filterContext(FOLDER);

const TEXTS = [
  ...'a,Z,_,foo_bar,foo bar,foo-bar,foo.bar,a@b.c,é,日本,x=1,"quoted","a \\" b",\'one\',`tick`,"open'.split(
    ',',
  ),
  ...'0,1,-1,+1,007,1.5,-1.5,.5,1.,1.2.3,1e5,99999999999,0x1f,12:34,60,61,24,25,31,32,12,13,2026,26,1999,123'.split(
    ',',
  ),
  ...'1.2.3.4,256.1.1.1,1.2.3,1.2.3.4.5,01.02.03.04,::1,::,fe80::1%eth0,2001:db8::ff00:42:8329,1:2:3:4:5:6:7:8,1::8,1:2:3,::ffff:1.2.3.4,12345::,1:2:3:4:5:6:1.2.3.4,a::b::c'.split(
    ',',
  ),
  ...'localhost,example.com,example.com.,-bad,a_b.c,host-1.example.org,xn--bcher-kva.example'.split(','),
  ...'Jan,January,jan,JAN,Mai,May,März,Dez,Sept,September,Foo,Mon,Monday,Tue,Thurs'.split(','),
  ...'00:00:00,23:59:59,24:00:00,3:04:05,03:04,03:04:60,03:04:05.678,Z,+02:00,-0500,+2'.split(','),
  'Jan  2 03:04:05',
  'Jan 12 03:04:05',
  '02/Jan/2026:03:04:05 -0500',
  '2026-01-02T03:04:05Z',
  '2026-01-02 03:04:05,678',
  '2026-01-02T03:04:05.678+02:00',
  '2026-01-02T0304',
  ...'INFO,info,Info,Information,WARN,warning,Warn,ERROR,err,Error,FATAL,severe,EMERGENCY,emerg,notice,ALERT,crit,CRITICAL,debug,TRACE,verbose,INFORMATION,WARNING,WAR'.split(
    ',',
  ),
  'f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
  'f81d4fae7dec11d0a76500a0c91e6bf6',
  'sshd[12]:',
  'kernel:',
  ' ',
  '\t',
];

type Fields = Record<string, unknown>;

/** What a processor of the running OpenSearch makes of each text in `m`; null where it fails. */
async function simulate(processor: object, texts: string[]): Promise<(Fields | null)[]> {
  const response = await fetch(`${engineUrl('opensearch')}/_ingest/pipeline/_simulate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      pipeline: { processors: [processor] },
      docs: texts.map((m) => ({ _source: { m } })),
    }),
  });
  expect(response.status, await response.clone().text()).toBe(200);
  const { docs } = (await response.json()) as { docs: { doc?: { _source: Fields } }[] };
  return docs.map(({ doc }) => doc && filled(doc._source)).map((fields) => fields ?? null);
}

/** Captures without the source and without empty ones, which Logstash leaves out. */
function filled(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => name !== 'm' && value !== '' && value !== null),
  );
}

function ours(expression: string, settings: PluginSettings | null, texts: string[]): (Fields | null)[] {
  const patterns = new Map(context.grokPatterns(settings?.lists.patterns_dir ?? []));
  for (const [name, body] of Object.entries(settings?.hashes.pattern_definitions ?? {}))
    patterns.set(name, String(body));
  const grok = compileGrok(expression, patterns);
  return texts.map((text) => {
    const captures = grok.match(text);
    return captures && filled(Object.fromEntries(captures.map(({ field, value }) => [field, value ?? null])));
  });
}

/** Field references as plain names, which both sides take. */
function plainFields(expression: string): string {
  return expression.replace(
    /(%\{\w+:|\(\?<)((?:\[[^\]]+\])+)/g,
    (_whole, before: string, reference: string) => before + reference.replace(/[^A-Za-z0-9_]+/g, '_'),
  );
}

const missing = missingForEngines() ?? inject('missing_grok_patterns');

describeUnless(missing, 'grok and dissect against OpenSearch', () => {
  it('every pattern of Logstash that OpenSearch has as well matches the same', async () => {
    const patterns = context.grokPatterns([]);
    const answer = await fetch(`${engineUrl('opensearch')}/_ingest/processor/grok`);
    const theirs = (await answer.json()) as { patterns: Record<string, string> };
    const their_patterns = new Map(Object.entries(theirs.patterns));
    const textOf = (name: string, known: typeof patterns) => {
      try {
        return expandGrok(`%{${name}}`, known, true);
      } catch {
        return null;
      }
    };
    // OpenSearch has the older of the two sets, and some names mean something else there.
    const same = [...patterns.keys()].filter((name) => {
      const text = textOf(name, patterns);
      return text !== null && text === textOf(name, their_patterns);
    });
    expect(same.length).toBeGreaterThan(60);
    for (const name of same)
      for (const expression of [`^%{${name}:x}$`, `^x?%{${name}:x}(?<rest>.*)$`]) {
        const found = await simulate({ grok: { field: 'm', patterns: [expression] } }, TEXTS);
        expect({ expression, captures: ours(expression, null, TEXTS) }).toEqual({
          expression,
          captures: found,
        });
      }
  }, 120_000);

  it('every grok of the pipelines captures the same from the lines of the cases', async () => {
    const lines = [
      ...new Set(readCases(FOLDER).flatMap((file) => file.testcases.flatMap((one) => one.input))),
    ];
    // OpenSearch's dot stops at a line break, Logstash's does not.
    const texts = lines.flatMap((line) => line.split('\n')).filter(Boolean);
    const groks = loadNet(FOLDER).pipelines.flatMap(({ plugins }) =>
      plugins.filter(({ name }) => name === 'grok'),
    );
    let matches = 0;
    for (const settings of groks)
      for (const written of Object.values(settings.hashes.match ?? {}).flatMap(textsOf)) {
        const definitions = Object.entries(settings.hashes.pattern_definitions ?? {});
        const pattern_definitions = Object.fromEntries(
          definitions.map(([name, body]) => [name, String(body)]),
        );
        const expression = plainFields(written);
        const processor = { grok: { field: 'm', patterns: [expression], pattern_definitions } };
        const theirs = await simulate(processor, texts);
        expect({ expression, captures: ours(expression, settings, texts) }).toEqual({
          expression,
          captures: theirs,
        });
        matches += theirs.filter((one) => one !== null).length;
      }
    expect(matches).toBeGreaterThan(10);
  });

  it.each([
    ['%{a} %{b}', ['x y', 'x y z', 'x', 'x ']],
    ['[%{a}] %{?b}: %{c}', ['[x] y: z', '[x] y', 'x] y: z', '[] y: z']],
    ['%{a->} %{b}', ['x    y', 'x y', 'x']],
    ['%{t} %{+t} %{r}', ['1 2 3', '1 2']],
    ['%{a},%{b};', ['x,y;', 'x,y', 'x,y;z']],
    ['%{a}, %{b}', ['x, y', 'x,y', 'x, y, z']],
  ])('dissect %s', async (mapping, texts) => {
    const theirs = await simulate(
      { dissect: { field: 'm', pattern: mapping, append_separator: ' ' } },
      texts,
    );
    const fields = dissectFields(mapping);
    const mine = texts.map((text) => {
      const values = dissectText(fields, text);
      const found: Fields = {};
      values?.forEach((value, index) => {
        const { kind, name } = fields[index]!;
        if (kind !== 'skip') found[name] = kind === 'append' ? `${String(found[name])} ${value}` : value;
      });
      return values && filled(found);
    });
    expect(mine).toEqual(theirs);
  });
});

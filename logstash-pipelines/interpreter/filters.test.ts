import { createHash, createHmac } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { filterAll, filterOne, pipelineFolder, removeFolders } from './pipeline-fixture.ts';

afterAll(removeFolders);

describe('common options', () => {
  it('apply on success only, in the order of Logstash', () => {
    const filter = (
      source: string,
    ) => `json { source => "${source}" target => "t" add_field => { "a" => "%{id}" "b_%{id}" => "x" }
      add_tag => ["ok", "ok"] remove_field => ["id"] remove_tag => ["old"] }`;
    const fields = { good: '{}', bad: '{', id: 'i7', a: 'first', tags: ['old'] };
    expect(filterOne(filter('good'), fields)).toEqual({
      good: '{}',
      bad: '{',
      t: {},
      a: ['first', 'i7'],
      b_i7: 'x',
      tags: ['ok', 'ok'],
    });
    expect(filterOne(filter('bad'), fields)).toEqual({ ...fields, tags: ['old', '_jsonparsefailure'] });
  });
});

describe('sprintf', () => {
  it.each([
    ['%{a}', 'text'],
    ['%{[n][d]}', '5'],
    ['%{gone}', '%{gone}'],
    ['%{list}', '1,x'],
    ['%{n}', '{"d":5}'],
    ['%{+YYYY.MM.dd}', '2026.01.15'],
    ["%{+xxxx-'W'ww}", '2026-W03'],
    ['%{+%s}', '1768478400'],
    ['%{{yyyy-MM-dd HH:mm}}', '2026-01-15 12:00'],
    ['%{{TIME_NOW}}', '2026-01-15T12:00:00.000Z'],
    ['a %{a} b %{n}', 'a text b {"d":5}'],
  ])('%s is %s', (template, text) => {
    const event = filterOne(`mutate { replace => { "out" => "${template}" } }`, {
      a: 'text',
      n: { d: 5 },
      list: [1, 'x'],
    });
    expect(event.out).toBe(text);
  });
});

describe('grok', () => {
  it('captures into nested fields with types, leaves out empty ones, and crosses line breaks', () => {
    const filter = `grok { match => { "message" => "^%{WORD:[a][word]} %{INT:n:int} %{NUMBER:f:float} (?<own>x?)%{GREEDYDATA:rest}$" } }`;
    expect(filterOne(filter, { message: 'hello 42 1.5 two\nlines' })).toMatchObject({
      a: { word: 'hello' },
      n: 42,
      f: 1.5,
      rest: 'two\nlines',
    });
    expect(filterOne(filter, { message: 'hello 42 1.5 ' })).not.toHaveProperty('own');
  });

  it('appends to a field that is there unless it may overwrite it', () => {
    const grok = (more: string) =>
      `grok { match => { "message" => "^(?<message>\\\\w+)" } ${more} }`.replaceAll('\\\\', '\\');
    expect(filterOne(grok(''), { message: 'one two' }).message).toEqual(['one two', 'one']);
    expect(filterOne(grok('overwrite => ["message"]'), { message: 'one two' }).message).toBe('one');
  });

  it('tries expressions in turn, and all of them without break_on_match', () => {
    const grok = (more: string) => `grok { match => { "message" => ["^%{INT:n}", "%{WORD:w}$"] } ${more} }`;
    expect(filterOne(grok(''), { message: '1 a' })).toEqual({ message: '1 a', n: '1' });
    expect(filterOne(grok('break_on_match => false'), { message: '1 a' })).toEqual({
      message: '1 a',
      n: '1',
      w: 'a',
    });
    expect(filterOne(grok(''), { message: '-' })).toEqual({ message: '-', tags: ['_grokparsefailure'] });
  });

  it('takes own patterns, inline and from a folder', () => {
    const folder = pipelineFolder({ 'patterns/own': '# comment\nCODE [A-Z]{2}-%{INT}\n' });
    const filter = `grok { patterns_dir => ["/etc/patterns"] pattern_definitions => { "PAIR" => "%{CODE:code}/%{WORD}" }
      match => { "m" => "^%{PAIR}$" } target => "t" }`;
    expect(filterOne(filter, { m: 'AB-12/x' }, undefined, folder)).toEqual({
      m: 'AB-12/x',
      t: { code: 'AB-12' },
    });
  });
});

describe('dissect', () => {
  const dissect = (mapping: string, m: string, rest = {}) =>
    filterOne(`dissect { mapping => { "m" => "${mapping}" } }`, { m, ...rest });

  it.each([
    ['%{a} %{b}', 'x y z', { a: 'x', b: 'y z' }],
    ['[%{a}] %{?skip}: %{b}', '[x] y: z', { a: 'x', b: 'z' }],
    ['%{a->} %{b}', 'x    y', { a: 'x', b: 'y' }],
    ['%{t} %{+t} %{+t} %{r}', '1 2 3 4', { t: '1 2 3', r: '4' }],
    ['%{t/1} %{+t/3} %{+t/2}', 'a c b', { t: 'a b c' }],
    ['%{?k}=%{&k} %{?l}=%{&l}', 'x=1 y=2', { x: '1', y: '2' }],
    ['%{[n][a]},%{}', 'x,y', { n: { a: 'x' } }],
    ['%{a},%{b};', 'x,y;', { a: 'x', b: 'y' }],
    ['%{a}, %{b}', 'x, ', { a: 'x', b: '' }],
  ])('%s of %j', (mapping, text, fields) => {
    expect(dissect(mapping, text)).toEqual({ m: text, ...fields });
  });

  it('fails on a text that does not fit, and on two fields without a delimiter', () => {
    expect(dissect('%{a}:%{b}', 'x y')).toEqual({ m: 'x y', tags: ['_dissectfailure'] });
    expect(dissect('[%{a}]', 'x]')).toHaveProperty('tags');
    expect(dissect('%{a}%{b}', 'xy')).toHaveProperty('tags');
    expect(dissect('%{a}', '')).toHaveProperty('tags');
  });

  it('leaves an event without the field alone, and converts types', () => {
    const filter =
      'dissect { mapping => { "m" => "%{a} %{b}" } convert_datatype => { "a" => "int" "b" => "float" } }';
    expect(filterOne(filter, { m: '12 1.5' })).toEqual({ m: '12 1.5', a: 12, b: 1.5 });
    expect(filterOne(filter, { m: 'x 1' })).toMatchObject({
      a: 'x',
      b: 1,
      tags: ['_dataconversionuncoercible_a_int'],
    });
    expect(filterOne('dissect { mapping => { "gone" => "%{a}" } }', { m: 'x' })).toEqual({ m: 'x' });
  });
});

describe('mutate', () => {
  it('works in its own order, not in that of the text', () => {
    const filter = `mutate { copy => { "b" => "c" } lowercase => ["b"] replace => { "b" => "%{a}!" } rename => { "x" => "a" } }`;
    expect(filterOne(filter, { x: 'VALUE', b: 'old' })).toEqual({ a: 'VALUE', b: 'value!', c: 'value!' });
  });

  it('converts, and stops with a tag at a text that is no number', () => {
    const filter = `mutate { convert => { "i" => "integer" "f" => "float" "b" => "boolean" "s" => "string" "l" => "integer" } }`;
    expect(filterOne(filter, { i: '1,234.9', f: '1.5', b: 'yes', s: 5, l: ['1', '2'] })).toEqual({
      i: 1234,
      f: 1.5,
      b: true,
      s: '5',
      l: [1, 2],
    });
    const failing = filterOne(`mutate { convert => { "i" => "integer" } uppercase => ["s"] }`, {
      i: 'x',
      s: 'low',
    });
    expect(failing).toEqual({ i: 'x', s: 'low', tags: ['_mutate_error'] });
  });

  it('splits, joins, merges, strips and substitutes as Ruby does', () => {
    const filter = String.raw`mutate { gsub => ["g", "(\d+)-(\d+)", "\2/\1", "h", "[aeiou]", ""] split => { "s" => "," "w" => " " } }
      mutate { strip => ["t"] join => { "j" => "-" } merge => { "m" => "n" } capitalize => ["k"] update => { "gone" => "x" } }`;
    const fields = {
      g: 'a 1-2',
      h: 'banana',
      s: 'a,b,,',
      w: ' a  b ',
      t: ' x\n',
      j: ['a', 1],
      m: 'a',
      n: ['b'],
      k: 'hELLO',
    };
    expect(filterOne(filter, fields)).toEqual({
      g: 'a 2/1',
      h: 'bnn',
      s: ['a', 'b'],
      w: ['a', 'b'],
      t: 'x',
      j: 'a-1',
      m: ['a', 'b'],
      n: ['b'],
      k: 'Hello',
    });
  });

  it('refuses a text in @timestamp and a path through a text', () => {
    expect(filterOne('mutate { replace => { "@timestamp" => "x" } }', {}).tags).toEqual(['_mutate_error']);
    expect(filterOne('mutate { replace => { "[a][b]" => "x" } }', { a: 'text' })).toEqual({
      a: 'text',
      tags: ['_mutate_error'],
    });
  });
});

describe('json', () => {
  it('spreads a document, takes its time stamp, and refuses a document that is no object', () => {
    const filter = 'json { source => "m" }';
    const document = { a: { b: [1] }, '@timestamp': '2026-02-03T04:05:06.789Z', m: 'new' };
    expect(filterOne(filter, { m: JSON.stringify(document) })).toEqual(document);
    expect(filterOne(filter, { m: '[1]' })).toEqual({ m: '[1]', tags: ['_jsonparsefailure'] });
    expect(filterOne(filter, { m: '{"@timestamp":"soon"}' })).toMatchObject({
      '_@timestamp': 'soon',
      tags: ['_timestampparsefailure'],
    });
    expect(filterOne('json { source => "m" skip_on_invalid_json => true }', { m: 'x' })).toEqual({ m: 'x' });
    expect(filterOne('json { source => "m" target => "t" }', { m: '{"a":1} {"b":"}"}' }).t).toEqual({
      b: '}',
    });
    expect(filterOne(filter, { m: '{"a":1} rest' })).toHaveProperty('tags');
    expect(filterOne(filter, { m: '{"a":1' })).toHaveProperty('tags');
    expect(filterOne(filter, { m: '2026 text' })).toHaveProperty('tags');
    expect(filterOne(filter, { m: '' })).toEqual({ m: '', tags: ['_jsonparsefailure'] });
    expect(filterOne('json { source => "m" target => "[t][u]" }', { m: '[1]' })).toEqual({
      m: '[1]',
      t: { u: [1] },
    });
  });
});

describe('kv', () => {
  it.each([
    ['', 'a=1 b="two words" c=[x y] d=', { a: '1', b: 'two words', c: 'x y' }],
    ['field_split => "&?"', '?a=1&b=2&a=3', { a: ['1', '3'], b: '2' }],
    ['prefix => "p_" include_keys => ["a"]', 'a=1 b=2', { p_a: '1' }],
    ['exclude_keys => ["a"] value_split => ":"', 'a:1 b: 2', { b: '2' }],
    ['trim_value => "<>" include_brackets => false', 'a=<1>', { a: '1' }],
    ['transform_key => "uppercase" allow_duplicate_values => false', 'a=1 a=1', { A: '1' }],
    ['field_split_pattern => ", *" value_split_pattern => ":="', 'a:=x y, b:=2', { a: 'x y', b: '2' }],
    ['target => "t" default_keys => { "z" => "9" }', 'a=1', { t: { a: '1', z: '9' } }],
  ])('%s of %j', (options, m, fields) => {
    expect(filterOne(`kv { source => "m" ${options} }`, { m })).toEqual({ m, ...fields });
  });
});

describe('translate', () => {
  const filter = (options: string) =>
    `translate { source => "s" ${options} dictionary => { "a" => "one" "b.*" => 2 } }`;

  it('writes in place unless a target is named, and then only where that is not there', () => {
    expect(filterOne(filter(''), { s: 'a' })).toEqual({ s: 'one' });
    expect(filterOne(filter('target => "t"'), { s: 'a' })).toEqual({ s: 'a', t: 'one' });
    expect(filterOne(filter('target => "t"'), { s: 'a', t: 'old' })).toEqual({ s: 'a', t: 'old' });
    expect(filterOne(filter('target => "t" override => true'), { s: 'a', t: 'old' }).t).toBe('one');
    expect(filterOne(filter('target => "t" fallback => "no %{s}"'), { s: 'x' }).t).toBe('no x');
    expect(filterOne(filter('target => "t"'), { s: 'x' })).toEqual({ s: 'x' });
  });

  it('looks up by expression, and replaces parts without exact', () => {
    expect(filterOne(filter('regex => true'), { s: 'xbx' }).s).toBe(2);
    expect(filterOne(filter('exact => false'), { s: 'a-b.*' }).s).toBe('one-2');
  });

  it('reads dictionaries from files', () => {
    const folder = pipelineFolder({
      'dictionaries/levels.yml': '"40": WARN\nerr: ERROR\n',
      'dictionaries/levels.csv': '40,"WA""RN"\n',
      'dictionaries/levels.json': '{"40": {"x": 1}}',
    });
    const read = (name: string) =>
      filterOne(
        `translate { source => "s" dictionary_path => "/etc/x/${name}" }`,
        { s: '40' },
        undefined,
        folder,
      ).s;
    expect([read('levels.yml'), read('levels.csv'), read('levels.json')]).toEqual([
      'WARN',
      'WA"RN',
      { x: 1 },
    ]);
    expect(() => read('gone.yml')).toThrow('no dictionary gone.yml');
  });
});

describe('fingerprint', () => {
  const sha = (text: string) => createHash('sha256').update(text).digest('hex');

  it('joins sources sorted, else the last one wins', () => {
    const options = 'source => ["b", "a", "gone"] method => "SHA256" target => "f"';
    const fields = { a: '1', b: { y: 2, x: [3, 4] } };
    expect(filterOne(`fingerprint { ${options} concatenate_sources => true }`, fields).f).toBe(
      sha('|a|1|b|x|3|4|y|2|gone||'),
    );
    expect(filterOne(`fingerprint { ${options} }`, fields).f).toBe(sha('1'));
  });

  it('makes an HMAC with a key, base64 on demand, and counted UUIDs', () => {
    const filter = 'fingerprint { source => ["a"] method => "SHA1" key => "k" base64encode => true }';
    expect(filterOne(filter, { a: 'x' }).event).toEqual({
      hash: createHmac('sha1', 'k').update('x').digest('base64'),
    });
    const uuids =
      'fingerprint { method => "UUID" target => "f" } uuid { target => "u" } uuid { target => "u" }';
    expect(filterOne(uuids, {})).toEqual({
      f: '00000000-0000-4000-8000-000000000001',
      u: '00000000-0000-4000-8000-000000000002',
    });
    expect(
      filterOne('fingerprint { method => "PUNCTUATION" source => ["a"] target => "p" }', { a: 'x=1, [y]' }).p,
    ).toBe('=,[]');
  });
});

describe('the small ones', () => {
  it('truncate counts bytes and never cuts a character', () => {
    const filter = 'truncate { fields => ["a", "l"] length_bytes => 5 add_tag => ["cut"] }';
    expect(filterOne(filter, { a: 'ää€', l: ['123456', 7] })).toEqual({
      a: 'ää',
      l: ['12345', 7],
      tags: ['cut'],
    });
    expect(filterOne(filter, { a: 'short' })).toEqual({ a: 'short' });
  });

  it('prune keeps what its expressions find, and @metadata', () => {
    const filter = 'prune { whitelist_names => ["^a$", "keep"] whitelist_values => { "keep_l" => "^x" } }';
    const fields = { a: '1', ab: '2', keep_l: ['x1', 'y'], '@metadata': { m: 1 } };
    const pruned = filterOne(filter, fields);
    expect(pruned).toEqual({ a: '1', keep_l: ['x1'], '@metadata': { m: 1 } });
  });

  it('drop ends an event, clone makes more that pass what follows', () => {
    expect(filterAll('drop { } mutate { replace => { "a" => "x" } }', {})).toEqual([]);
    const events = filterAll(
      'clone { clones => ["c1"] add_field => { "cloned" => "yes" } } mutate { replace => { "a" => "x" } }',
      {},
    );
    expect(events).toEqual([{ a: 'x' }, { a: 'x', cloned: 'yes', tags: ['c1'] }]);
  });
});

import { describe, expect, it } from 'vitest';
import { type ConditionNode, pluginsOf } from './config-ast.ts';
import { parseConfig } from './config-parser.ts';
import { pipelineOf } from './pipeline-fixture.ts';

const RICH = String.raw`
# a comment
input {
  beats { port => 5044 id => "in" codec => json { charset => "UTF-8" } } # behind
}
filter {
  if [a][b] == "x" and ("y" in [tags] or ![z]) {
    mutate {
      rename => { "a" => "b"   c1 => 'd' 12 => "n" }
      # between
      add_tag => [ "one", 'two' , three ]
    }
  } else if [m] =~ /^a\/b$/ { drop {} }
  else if "x" not in [list] { drop { } }
  else { grok { match => { "message" => "a\"b" } } }
}
output { stdout {} }
`;

/** The condition as text with every pair of operands in parentheses. */
function shape(node: ConditionNode): string {
  if (node.kind === 'join') return `(${shape(node.left)} ${node.operator} ${shape(node.right)})`;
  if (node.kind === 'group') return shape(node.inner);
  if (node.kind === 'not') return `!${shape(node.inner)}`;
  if (node.kind === 'truthy')
    return node.operand.kind === 'field' ? node.operand.reference : node.operand.kind;
  return node.kind;
}

function conditionShape(condition: string): string {
  const [statement] = parseConfig('t.conf', `filter { if ${condition} { drop {} } }`).sections[0]!.body;
  if (statement?.kind !== 'branch') throw new Error('no branch');
  return shape(statement.arms[0]!.condition);
}

describe('the language', () => {
  it('reads sections, branches, nested codecs, hashes and arrays', () => {
    const { sections } = parseConfig('rich.conf', RICH);
    expect(sections.map((section) => section.name)).toEqual(['input', 'filter', 'output']);
    expect(sections.flatMap((section) => pluginsOf(section.body)).map((plugin) => plugin.name)).toEqual([
      'beats',
      'mutate',
      'drop',
      'drop',
      'grok',
      'stdout',
    ]);
    const mutate = pluginsOf(sections[1]!.body)[0]!;
    expect(mutate.attributes[0]!.value).toMatchObject({
      entries: [{ key: 'a' }, { key: 'c1' }, { key: '12' }],
    });
    expect(mutate.attributes[1]!.value).toMatchObject({
      items: [{ text: 'one' }, { text: 'two' }, { kind: 'bareword', text: 'three' }],
    });
    expect(mutate.at).toEqual({ line: 8, column: 5 });
  });

  it('keeps a backslash before a quote, as Logstash does without escapes', () => {
    const grok = pluginsOf(parseConfig('rich.conf', RICH).sections[1]!.body).at(-1)!;
    expect(grok.attributes[0]!.value).toMatchObject({ entries: [{ value: { text: String.raw`a\"b` } }] });
  });

  it('groups and, or as Logstash does, with its flaw', () => {
    expect(conditionShape('[a] and [b] or [c]')).toBe('(([a] and [b]) or [c])');
    expect(conditionShape('[a] or [b] and [c]')).toBe('([a] or ([b] and [c]))');
    expect(conditionShape('[a] and [b] and [c] or [d]')).toBe('([a] and (([b] and [c]) or [d]))');
    expect(conditionShape('([a] and [b] and [c]) or [d]')).toBe('(([a] and ([b] and [c])) or [d])');
    expect(conditionShape('![a] xor [b]')).toBe('(![a] xor [b])');
  });

  it('reads a list of one text as a field, as Logstash does', () => {
    const [statement] = parseConfig('t.conf', 'filter { if [a] in ["x"] { drop {} } }').sections[0]!.body;
    expect(statement).toMatchObject({
      arms: [{ condition: { right: { kind: 'field', reference: '["x"]' } } }],
    });
  });

  it.each([
    ['filter { mutate { a = 2 } }', '1:21: expected => after the option a of mutate'],
    [
      'filter {\n  mutate { a => {"b" => 1, "c" => 2} }\n}',
      '2:26: entries of a hash are separated by white space',
    ],
    ['filter { mutate { a => ["b" "c"] } }', '1:29: expected , between the values of an array'],
    ['filter { mutate { a => ["b",] } }', '1:29: expected a value'],
    ['filter { mutate { a => "b } }', '1:24: the string that begins here has no closing "'],
    ['filter { mutate { a => "C:\\" } }', '1:24: the string that begins here has no closing "'],
    ['filter { mutate { a => 1b => 2 } }', '1:25: expected white space before the next option'],
    ['filter { mutate { a => x } }', '1:24: expected a value'],
    ['filter { mutate { a => {"b" => 1 "b" => 2} } }', '1:34: the key "b" stands twice'],
    ['filter { mutate {', '1:17: the { of mutate is never closed'],
    ['filter {\n\n', '1:8: the { that stands here is never closed'],
    ['filter { if [a] = 1 { } }', '1:17: expected { after the condition'],
    ['filter { if [a] == { } }', '1:20: expected a field, a string'],
    ['filter { if [a] =~ [b] { } }', '=~ needs a string or /expression/'],
    ['filter { if [a] xor [b] and [c] { } }', 'xor beside another operator does not compile'],
    ['filter { if ["a", "b"] { } }', 'a list or an expression alone is no condition'],
    ['filters { }', '1:7: expected { after filter'],
    ['mutate { }', '1:1: expected input, filter or output'],
    ['filter { } }', '1:12: expected input, filter or output'],
  ])('refuses %j', (text, message) => {
    expect(() => parseConfig('t.conf', text)).toThrow(message);
  });
});

describe('options', () => {
  const filter = (text: string, variables = {}) => pipelineOf(`filter { ${text} }`, variables).plugins[0]!;

  it('takes texts, numbers, arrays and hashes in the types of the table', () => {
    const plugin = filter(
      'mutate { id => "m" rename => ["a", "b"] add_tag => "one" enable_metric => false }',
    );
    expect(plugin).toMatchObject({
      id: 'm',
      hashes: { rename: { a: 'b' } },
      lists: { add_tag: ['one'] },
      booleans: { enable_metric: false },
    });
  });

  it('merges an option that is given twice', () => {
    const plugin = filter(
      'mutate { replace => { "a" => "1" } replace => { "b" => "2" } strip => ["x"] strip => "y" }',
    );
    expect(plugin).toMatchObject({ hashes: { replace: { a: '1', b: '2' } }, lists: { strip: ['x', 'y'] } });
  });

  it('replaces variables with their value or default', () => {
    const text = 'mutate { replace => { "a" => "${HOST}-${PORT:80}" } }';
    expect(filter(text, { HOST: 'h' }).hashes.replace).toEqual({ a: 'h-80' });
    expect(() => filter(text)).toThrow('${HOST} has no value and no default');
  });

  it.each([
    ['filter { geoip { } }', 'knows no filter geoip'],
    ['filter { mutate { ad_tag => "x" } }', 'filter mutate has no option ad_tag'],
    ['filter { mutate { rename => "x" } }', 'option rename of filter mutate takes a hash'],
    ['filter { mutate { enable_metric => "yes" } }', 'takes true or false'],
    ['filter { truncate { length_bytes => "ten" } }', 'takes a number'],
    ['filter { truncate { } }', 'needs the option length_bytes'],
    ['filter { kv { whitespace => "loose" } }', 'takes one of strict|lenient'],
    ['filter { json { source => "a" target => "[a" } }', 'takes a field reference'],
    ['filter { translate { field => "a" } }', 'is deprecated: use source'],
    ['input { beats { port => 1 ssl => true } }', 'removed in Logstash 9: use ssl_enabled'],
    ['input { tcp { port => 1 ssl_cert => "x" } }', 'removed in Logstash 9: use ssl_certificate'],
    ['input { http { verify_mode => "peer" } }', 'use ssl_client_authentication'],
    ['output { elasticsearch { cacert => "x" } }', 'use ssl_certificate_authorities'],
    [
      'input { tcp { port => 1 ssl_supported_protocols => ["SSLv3"] } }',
      'takes a list of TLSv1.1|TLSv1.2|TLSv1.3',
    ],
    ['input { http { additional_codecs => { "text/csv" => "csv" } } }', 'knows no codec csv'],
    ['input { tcp { port => 1 codec => cef } }', 'knows no codec cef'],
    [
      'input { tcp { port => 1 codec => multiline { what => "previous" } } }',
      'codec multiline needs the option pattern',
    ],
    ['filter { mutate { convert => { "a" => "int" } } }', 'invalid conversion type int'],
    ['filter { mutate { gsub => ["a", "b"] } }', 'in threes'],
    ['filter { mutate { gsub => ["a", "(", "b"] } }', 'end pattern with unmatched parenthesis'],
    ['filter { grok { match => { "a" => "%{NOPE}" } } }', 'pattern %{NOPE} not defined'],
    ['filter { dissect { mapping => { "a" => "%{+&b}" } } }', 'both prefixes'],
    ['filter { date { match => ["a"] } }', 'match needs a field and a format'],
    ['filter { date { match => ["a", "fff"] } }', 'Illegal pattern component'],
    ['filter { date { match => ["a", "ISO8601"] timezone => "Mars" } }', "'Mars' is not recognised"],
    ['filter { if [a] =~ /(/ { drop {} } }', 'faulty expression'],
  ])('refuses %s', (text, message) => {
    expect(() => pipelineOf(text)).toThrow(message);
  });
});

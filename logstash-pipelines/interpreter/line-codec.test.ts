import { describe, expect, it } from 'vitest';
import { patternReader } from './case-environment.ts';
import { decoderOf } from './line-codec.ts';
import { type FieldMap } from './log-event.ts';
import { pipelineOf } from './pipeline-fixture.ts';

function decode(codec: string, texts: string[], streaming = false): FieldMap[] {
  const input = pipelineOf(`input { tcp { port => 1 codec => ${codec} } }`).inputs[0]!;
  return decoderOf(input.codec, 'plain', streaming, patternReader(''))(texts);
}

const kept = (text: string) => ({ message: text, event: { original: text } });

describe('codecs', () => {
  it('plain keeps a text whole, line splits it', () => {
    expect(decode('plain', ['a\nb'])).toEqual([kept('a\nb')]);
    expect(decode('line', ['a\nb\n'])).toEqual([kept('a'), kept('b')]);
    expect(decode('line', [''])).toEqual([kept('')]);
    expect(decode('line { ecs_compatibility => disabled }', ['a'])).toEqual([{ message: 'a' }]);
  });

  it('json gives an event for each element, and keeps what it cannot read', () => {
    expect(decode('json', ['{"a":1}'])).toEqual([{ a: 1, event: { original: '{"a":1}' } }]);
    expect(decode('json', ['[{"a":1},{"a":2}]'])).toEqual([{ a: 1 }, { a: 2 }]);
    expect(decode('json', ['{"a":'])).toEqual([{ message: '{"a":', tags: ['_jsonparsefailure'] }]);
    expect(decode('json', ['{"a":[1,"]"]} rest'])).toMatchObject([{ a: [1, ']'] }]);
    expect(decode('json', ['5'])).toEqual([{ message: '5', tags: ['_jsonparsefailure'] }]);
    expect(decode('json { target => "[p][q]" }', ['{"a":1}'])).toEqual([
      { p: { q: { a: 1 } }, event: { original: '{"a":1}' } },
    ]);
    expect(decode('json_lines', ['{"a":1}\n{"a":2}'])).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('plain and json of a byte stream are read line by line', () => {
    expect(decode('plain', ['a\nb'], true)).toEqual([kept('a'), kept('b')]);
    expect(decode('json { target => "[t]" }', ['{"a":1}\n\n{"a":2}'], true)).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('multiline joins what goes with the line before', () => {
    const codec = 'multiline { pattern => "^\\s" what => "previous" }'.replaceAll('\\\\', '\\');
    expect(decode(codec, ['Error', ' at a', ' at b', 'next'])).toEqual([
      { ...kept('Error\n at a\n at b'), tags: ['multiline'] },
      kept('next'),
    ]);
  });

  it('multiline with negate, what next, and limits', () => {
    const negated =
      'multiline { pattern => "^%{INT}" negate => true what => "previous" multiline_tag => "" }';
    expect(decode(negated, ['1 a', 'b', '2 c'])).toEqual([kept('1 a\nb'), kept('2 c')]);
    expect(
      decode('multiline { pattern => "\\\\$" what => "next" }'.replaceAll('\\\\', '\\'), ['a$', 'b', 'c']),
    ).toEqual([{ ...kept('a$\nb'), tags: ['multiline'] }, kept('c')]);
    const limited = 'multiline { pattern => "^x" what => "previous" max_lines => 2 }';
    expect(decode(limited, ['a', 'x1', 'x2', 'x3'])).toEqual([
      { ...kept('a\nx1\nx2'), tags: ['multiline', 'multiline_codec_max_lines_reached'] },
      kept('x3'),
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { type FieldMap } from './log-event.ts';
import { filterOne, pipelineOf } from './pipeline-fixture.ts';

const EVENT: FieldMap = {
  text: 'abc',
  empty: '',
  no: false,
  none: null,
  number: 7,
  tags: ['one', 'two'],
  numbers: [1, 2],
  nested: { deep: 'x' },
};

function holds(condition: string): boolean {
  const { hit } = filterOne(`if ${condition} { mutate { replace => { "hit" => "yes" } } }`, EVENT);
  return hit === 'yes';
}

describe('conditions', () => {
  it.each([
    ['[text]', true],
    ['[empty]', false],
    ['[no]', false],
    ['[none]', false],
    ['[gone]', false],
    ['![gone]', true],
    ['[nested][deep]', true],
    ['[text] == "abc"', true],
    ['"abc" == [text]', true],
    ['[text] != "abc"', false],
    ['[gone] != "abc"', true],
    ['[number] == 7', true],
    ['[number] == "7"', false],
    ['[number] > 6', true],
    ['[number] <= 6.5', false],
    ['[text] =~ /^a.c$/', true],
    ['[text] =~ "b"', true],
    ['[text] !~ /^x/', true],
    ['[gone] =~ /x/', false],
    ['[number] =~ /7/', false],
    ['"one" in [tags]', true],
    ['"on" in [tags]', false],
    ['"on" not in [tags]', true],
    ['"b" in [text]', true],
    ['"x" in [gone]', false],
    ['[text] in ["abc", "d"]', true],
    ['[number] in ["7", "8"]', true],
    ['[text] in "xabcx"', true],
    ['[text] not in ["x", "y"]', true],
    ['2 in [numbers]', true],
    ['[gone] in ["a", "b"]', false],
    ['[text] and [gone]', false],
    ['[text] or [gone]', true],
    ['[text] nand [number]', false],
    ['[text] xor [number]', false],
    ['[text] xor [gone]', true],
    ['!("one" in [tags])', false],
    ['[gone] or ([text] and [number] == 7)', true],
  ])('%s is %s', (condition, expected) => {
    expect(holds(condition)).toBe(expected);
  });

  it('fails where Logstash throws: a missing field or two types in an order', () => {
    expect(() => holds('[gone] > 5')).toThrow('cannot compare');
    expect(() => holds('[text] < 5')).toThrow('guard the field, and convert it');
  });

  it('takes the first arm that holds, else the rest', () => {
    const filter = `if [number] == 1 { mutate { replace => { "arm" => "1" } } }
      else if [number] == 7 { mutate { replace => { "arm" => "2" } } }
      else if [text] { mutate { replace => { "arm" => "3" } } }
      else { mutate { replace => { "arm" => "4" } } }`;
    expect(filterOne(filter, EVENT).arm).toBe('2');
    expect(filterOne(filter, { number: 2 }).arm).toBe('4');
  });

  it('replaces variables', () => {
    const text = 'filter { if "${MODE:off}" == "on" { drop {} } }';
    expect(pipelineOf(text, { MODE: 'on' }).filters).toHaveLength(1);
    expect(() => pipelineOf(text.replace(':off', ''))).toThrow('${MODE} has no value');
  });
});

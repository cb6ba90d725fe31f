import { describe, expect, it } from 'vitest';
import { compileGrok, expandGrok } from './grok.ts';
import { rubyGsub, rubyRegexp, rubyScan } from './ruby-regexp.ts';

describe('Ruby expressions', () => {
  it('take ^ and $ for the ends of lines, and the dot for all but a line break', () => {
    expect(rubyRegexp('^b$').exec('a\nb\nc')).toMatchObject({ index: 2, text: 'b' });
    expect(rubyRegexp('\\Ab').exec('a\nb')).toBeNull();
    expect(rubyRegexp('a.b').exec('a\nb')).toBeNull();
    expect(rubyRegexp('a.b', true).exec('a\nb')).not.toBeNull();
  });

  it('know what JavaScript does not: atomic groups, possessive repeats, \\h, nested classes', () => {
    expect(rubyRegexp('(?>a+)ab').exec('aaab')).toBeNull();
    expect(rubyRegexp('a++ab').exec('aaab')).toBeNull();
    expect(rubyRegexp('^\\h{4}$').exec('BeeF')).not.toBeNull();
    expect(rubyRegexp('[a-z&&[^b]]+').exec('bacb')?.text).toBe('ac');
  });

  it('take \\w, \\d and \\s for ASCII, and [[:alpha:]] for all letters', () => {
    expect(rubyRegexp('^\\w+$').exec('é')).toBeNull();
    expect(rubyRegexp('^\\d+$').exec('٣')).toBeNull();
    expect(rubyRegexp('^\\s$').exec('\u2003')).toBeNull();
    expect(rubyRegexp('a[\\w.-]+').exec('ab.c-dé')?.text).toBe('ab.c-d');
    expect(rubyRegexp('[^\\S ]').exec(' \t')?.text).toBe('\t');
    expect(rubyRegexp('M\\b').exec('Mä')).toBeNull();
    expect(rubyRegexp('^[[:alpha:]]\\W$').exec('éé')).not.toBeNull();
  });

  it('capture named groups only where there are any, under any name, twice too', () => {
    expect(rubyRegexp('(a)(?<[x][y]>b)?').exec('ab')?.groups).toEqual(['b']);
    expect(rubyRegexp('(a)(b)?').exec('ac')?.groups).toEqual(['a', undefined]);
    expect(rubyRegexp('(?<n>a)|(?<n>b)').names).toEqual(['n', 'n']);
    expect(rubyRegexp('(?<q>["\'])x\\k<q>').exec("\"x' 'x'")?.text).toBe("'x'");
    expect(rubyRegexp('(?<=a)b(?<!c)[(?<n>]').names).toEqual([]);
  });

  it('count in UTF-16, as the rest of the text does', () => {
    expect(rubyRegexp('ü(.)').exec('😀aü€x')).toMatchObject({ index: 3, groups: ['€'] });
    expect([...rubyScan('aXbX', rubyRegexp('X|(?=b)'))].map((match) => match.index)).toEqual([1, 2, 3]);
  });

  it('substitute with groups', () => {
    expect(rubyGsub('user=bob id=7', rubyRegexp('(\\w+)=(\\w+)'), '\\2:\\1 \\0 \\\\')).toBe(
      'bob:user user=bob \\ 7:id id=7 \\',
    );
    expect(rubyGsub('abc', rubyRegexp('(?<x>b)'), '[\\k<x>]')).toBe('a[b]c');
    expect(rubyGsub('abc', rubyRegexp(''), '-')).toBe('-a-b-c-');
  });
});

describe('grok expressions', () => {
  const patterns = new Map([
    ['A', 'a+'],
    ['AB', '%{A:first}%{B}'],
    ['B', 'b'],
    ['LOOP', 'x%{LOOP}'],
  ]);

  it('expand names within names, with fields or without', () => {
    expect(expandGrok('^%{AB}$', patterns, true)).toBe('^(?:(?<A:first>a+)(?:b))$');
    expect(expandGrok('%{B}', patterns, false)).toBe('(?<B>b)');
    expect(compileGrok('%{C=c{2}}', patterns).match('cc')).toEqual([]);
    expect(() => expandGrok('%{LOOP}', patterns, true)).toThrow('contains itself');
  });

  it('convert the first group of a name that stands twice only, as jls-grok does', () => {
    expect(compileGrok('%{A:x} (?:%{N=\\d+:n:int})?', patterns).match('a ')).toEqual([
      { field: 'x', value: 'a' },
    ]);
    const twice = compileGrok('%{N:n:int}-%{N:n:int}', new Map([['N', '\\d+']]));
    expect(twice.match('1-2')).toEqual([
      { field: 'n', value: 1 },
      { field: 'n', value: '2' },
    ]);
  });
});

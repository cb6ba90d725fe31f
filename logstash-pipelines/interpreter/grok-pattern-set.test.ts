import { describe, expect, it } from 'vitest';
import { compileGrok } from './grok.ts';
import { readPatternSet } from './grok-pattern-set.ts';

describe('the pattern set of Logstash', () => {
  const matches = (expression: string, text: string) => {
    const captures = compileGrok(expression, readPatternSet()).match(text);
    return captures && Object.fromEntries(captures.map(({ field, value }) => [field, value]));
  };

  it('is that of ECS mode', () => {
    const line = 'Jan  2 03:04:05 web1.example.org sshd';
    const expression = '^%{SYSLOGTIMESTAMP:time} %{SYSLOGHOST:host} %{PROG:program}$';
    expect(matches(expression, line)).toEqual({
      time: 'Jan  2 03:04:05',
      host: 'web1.example.org',
      program: 'sshd',
    });
    // `=` and `:` are in QUOTEDSTRING of both sets, INFORMATION in LOGLEVEL of this one only.
    expect(matches('^%{LOGLEVEL:level}$', 'INFORMATION')).toEqual({ level: 'INFORMATION' });
    expect(readPatternSet().has('HTTPD_ERRORLOG')).toBe(true);
  });

  it('compiles, every one of it that captures nothing', () => {
    const patterns = readPatternSet();
    const faults = [...patterns.keys()].flatMap((name) => {
      try {
        compileGrok(`%{${name}:x}`, patterns);
        return [];
      } catch (error) {
        return [`${name}: ${(error as Error).message}`];
      }
    });
    // These are made of others that capture fields, which are left out.
    expect(faults.filter((fault) => !fault.endsWith(' not defined'))).toEqual([]);
    expect(patterns.size - faults.length).toBeGreaterThan(150);
  });

  it('leaves out what has other fields in Logstash', () => {
    expect(() => compileGrok('%{SYSLOGBASE}', readPatternSet())).toThrow('%{SYSLOGBASE} not defined');
  });
});

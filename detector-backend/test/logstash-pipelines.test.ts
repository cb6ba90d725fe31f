import { inject } from 'vitest';
import { describeUnless } from './engines.ts';

// The cases and rules live beside the pipelines; vitest's root is this package, so they are called from here.
describeUnless(inject('missing_grok_patterns'), 'Logstash pipelines', async () => {
  await import('../../logstash-pipelines/interpreter/case-files.test.ts');
  await import('../../logstash-pipelines/interpreter/cases.test.ts');
  await import('../../logstash-pipelines/interpreter/condition.test.ts');
  await import('../../logstash-pipelines/interpreter/config-parser.test.ts');
  await import('../../logstash-pipelines/interpreter/filters.test.ts');
  await import('../../logstash-pipelines/interpreter/grammar-oracle.test.ts');
  await import('../../logstash-pipelines/interpreter/grok-pattern-set.test.ts');
  await import('../../logstash-pipelines/interpreter/lint.test.ts');
  await import('../../logstash-pipelines/interpreter/line-codec.test.ts');
  await import('../../logstash-pipelines/interpreter/ruby-regexp.test.ts');
  await import('../../logstash-pipelines/interpreter/time-formats.test.ts');
});

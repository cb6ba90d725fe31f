import fs from 'node:fs';
import path from 'node:path';
import { type GrokPatterns, readPatterns } from './grok.ts';

/**
 * Logstash's own pattern set of ECS mode (`ecs-v1`) as Elasticsearch ships it, in `org.elasticsearch:elasticsearch-grok` of this
 * version. Tests download it (`detector-backend/test/grok-patterns-setup.ts`); it is not part of the repository.
 */
export const PATTERN_SET_VERSION = '9.2.0';
export const PATTERN_SET = path.resolve(
  import.meta.dirname,
  `../../.cache/logstash-patterns-${PATTERN_SET_VERSION}`,
);

/** `%{NAME:field}` and `(?<field>…)`; a look-behind is no capture. */
const CAPTURES = /%\{\w+:|\(\?<[^=!]/;
/** What Elasticsearch added to the set: a pipeline that uses it would not start. */
const NOT_OF_LOGSTASH = ['DATE_YMD', 'TIMESTAMP_YMD'];

/**
 * Patterns of the set by name. Those that capture fields are left out: Elasticsearch has these under other names (`a.b` where
 * Logstash has `[a][b]`), and spoils some. The others are the same text in both (compared with logstash-patterns-core 4.3.1).
 * @throws Error when the set was not downloaded
 */
export function readPatternSet(): GrokPatterns {
  if (!fs.existsSync(PATTERN_SET)) throw new Error(`the pattern set of Logstash is not in ${PATTERN_SET}`);
  const isOfLogstash = ([name, body]: [string, string]) =>
    !CAPTURES.test(body) && !NOT_OF_LOGSTASH.includes(name);
  return new Map([...readPatterns([PATTERN_SET])].filter(isOfLogstash));
}

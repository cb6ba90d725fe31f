// The cases and rules live beside the pipelines; vitest's root is this package, so they are called from here.
import '../../logstash-pipelines/interpreter/case-files.test.ts';
import '../../logstash-pipelines/interpreter/cases.test.ts';
import '../../logstash-pipelines/interpreter/condition.test.ts';
import '../../logstash-pipelines/interpreter/config-parser.test.ts';
import '../../logstash-pipelines/interpreter/filters.test.ts';
import '../../logstash-pipelines/interpreter/grammar-oracle.test.ts';
import '../../logstash-pipelines/interpreter/lint.test.ts';
import '../../logstash-pipelines/interpreter/line-codec.test.ts';
import '../../logstash-pipelines/interpreter/ruby-regexp.test.ts';
import '../../logstash-pipelines/interpreter/time-formats.test.ts';

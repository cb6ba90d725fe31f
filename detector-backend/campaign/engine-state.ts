import type { RunningEngine } from '../test/engine-process.ts';

const QUESTIONS = [
  '/_cat/indices?v',
  '/_cat/thread_pool?v&h=name,active,queue,rejected,completed',
  '/_nodes/stats/indexing_pressure',
  '/_tasks?detailed',
  '/_nodes/hot_threads?threads=20&ignore_idle_threads=false',
];
const LIMIT_MS = 20_000;

/** What an engine that seems to stand still says of itself, and its last lines. Never rejects. */
export async function engineState(node: RunningEngine): Promise<string> {
  const answers = QUESTIONS.map(async (question) => {
    const answer = await fetch(`${node.url}${question}`, { signal: AbortSignal.timeout(LIMIT_MS) })
      .then((response) => response.text())
      .catch(String);
    return `GET ${question}\n${answer}`;
  });
  return [...(await Promise.all(answers)), node.log()].join('\n\n');
}

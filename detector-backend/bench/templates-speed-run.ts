import fs from 'node:fs';
import { assign, createMinedTree } from '../src/templates/mined-tree.ts';
import { createTokenizer, scan } from '../src/templates/tokenizer.ts';

// A process of its own, so that memory is that of the miner: templates-speed-run.ts speed|memory FILE…

/** Mines all lines `passes` times, each time from nothing; only the first pass finds code that is not compiled yet. */
function speed(file: string, passes: number) {
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  const seconds: number[] = [];
  let templates = 0;
  for (let pass = 0; pass < passes; pass++) {
    const tokenizer = createTokenizer();
    const tree = createMinedTree({ log_source_id: 'bench', service_id: 'bench' }, []);
    const started = performance.now();
    for (const message of lines) {
      scan(tokenizer, message);
      assign(tree, tokenizer, { timestamp: 0, message }, 0);
    }
    seconds.push((performance.now() - started) / 1000);
    templates = tree.tallies.size;
  }
  return { lines: lines.length, seconds, rss_mb: process.resourceUsage().maxRSS / 1024, templates };
}

/** Mines the lines of all files in a loop; resident memory in MB after 1 million lines and after 10. */
function memory(files: string[]) {
  const lines = files.flatMap((file) => fs.readFileSync(file, 'utf8').split('\n'));
  const tokenizer = createTokenizer();
  const tree = createMinedTree({ log_source_id: 'bench', service_id: 'bench' }, []);
  const rss_mb: number[] = [];
  for (let i = 1; i <= 10_000_000; i++) {
    const message = lines[i % lines.length] as string;
    scan(tokenizer, message);
    assign(tree, tokenizer, { timestamp: i, message }, 0);
    if (i === 1_000_000 || i === 10_000_000) rss_mb.push(process.memoryUsage().rss / 2 ** 20);
  }
  return { rss_mb, templates: tree.tallies.size };
}

const [kind, ...words] = process.argv.slice(2);
const result = kind === 'speed' ? speed(words[0] as string, 3) : memory(words);
process.stdout.write(`${JSON.stringify(result)}\n`);

import fs from 'node:fs';
import path from 'node:path';

/** One round of a fault-injection campaign. Times in epoch ms. */
export interface OsfiRound {
  file: string;
  campaign: string;
  first_ms: number;
  last_ms: number;
  /** Null in a round without a fault. */
  fault_activated_ms: number | null;
  is_failure: boolean;
  /** Neither fault nor failure, and no line of level ERROR: nothing in it should be found. */
  is_clean: boolean;
}

const COLUMNS = [
  'file',
  'first_ms',
  'last_ms',
  'fault_activated_ms',
  'failure',
  'round',
  'error_lines',
] as const;

/**
 * Rounds of every campaign in a chain that does not overlap (by earliest end), from `index.csv` in `data_dir` or in its folder `osfi`.
 * Throws an Error that says what is missing.
 */
export function readRounds(data_dir: string): Map<string, OsfiRound[]> {
  const folder = [path.join(data_dir, 'osfi'), data_dir].find((dir) =>
    fs.existsSync(path.join(dir, 'index.csv')),
  );
  if (folder === undefined) {
    throw new Error(`No osfi/index.csv below ${data_dir}: name the folder of recorded data with --data DIR.`);
  }
  const [head = '', ...lines] = fs.readFileSync(path.join(folder, 'index.csv'), 'utf8').trim().split(/\r?\n/);
  const names = head.split(',');
  const missing = COLUMNS.filter((column) => !names.includes(column));
  if (missing.length > 0)
    throw new Error(`${path.join(folder, 'index.csv')} lacks the columns ${missing.join(', ')}.`);
  const campaigns = new Map<string, OsfiRound[]>();
  for (const line of lines) {
    const cells = line.split(',');
    const cell = (column: (typeof COLUMNS)[number]) => cells[names.indexOf(column)] ?? '';
    const campaign = cell('file').split('/')[0] ?? '';
    const file = path.join(folder, cell('file'));
    if (campaign === 'full_debug' || !fs.existsSync(file)) continue;
    const round = {
      file,
      campaign,
      first_ms: Number(cell('first_ms')),
      last_ms: Number(cell('last_ms')),
      fault_activated_ms: cell('fault_activated_ms') === '' ? null : Number(cell('fault_activated_ms')),
      is_failure: cell('failure') === 'FAILURE' && cell('round') === '1' && cell('fault_activated_ms') !== '',
      is_clean: cell('failure') === 'NO_FAILURE' && cell('round') === '2' && cell('error_lines') === '0',
    };
    campaigns.set(campaign, [...(campaigns.get(campaign) ?? []), round]);
  }
  if (campaigns.size === 0) throw new Error(`${folder} has an index, but none of the files that it names.`);
  return new Map([...campaigns].map(([campaign, rounds]) => [campaign, chainOf(rounds)]));
}

function chainOf(rounds: OsfiRound[]): OsfiRound[] {
  let end = 0;
  const chain: OsfiRound[] = [];
  for (const round of rounds.sort((a, b) => a.last_ms - b.last_ms)) {
    if (round.first_ms < end) continue;
    chain.push(round);
    end = round.last_ms;
  }
  return chain;
}

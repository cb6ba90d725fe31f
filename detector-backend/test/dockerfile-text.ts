/** One instruction; words of a line that goes on are joined, comments are gone. */
export interface Instruction {
  keyword: string;
  text: string;
}

/** One FROM and what follows it. */
export interface Stage {
  base: string;
  name: string | undefined;
  instructions: Instruction[];
}

/** Reads the part of the language of Dockerfiles that ours use: no heredocs, no other escape character, no ONBUILD. */
export function readDockerfile(text: string): Stage[] {
  const stages: Stage[] = [];
  const defaults = new Map<string, string>();
  const lines = text.replace(/^\s*#.*\n/gm, '').replace(/\\\n\s*/g, ' ');
  for (const line of lines.split('\n')) {
    const [, keyword = '', rest = ''] = /^\s*([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (keyword === '') continue;
    if (keyword === 'ARG' && stages.length === 0) {
      const [name = '', value = ''] = rest.split('=');
      defaults.set(name, value);
    } else if (keyword === 'FROM') {
      const [, base = '', name] = /^(\S+)(?: AS (\S+))?$/.exec(rest) ?? [];
      const filled = base.replace(/\$\{(\w+)\}/g, (_all, arg: string) => defaults.get(arg) ?? '');
      stages.push({ base: filled, name, instructions: [] });
    } else {
      stages.at(-1)?.instructions.push({ keyword, text: rest.trim() });
    }
  }
  return stages;
}

export const instructionsOf = (stage: Stage | undefined, keyword: string): string[] =>
  (stage?.instructions ?? []).flatMap((entry) => (entry.keyword === keyword ? [entry.text] : []));

/** Words of the JSON form of CMD, ENTRYPOINT or HEALTHCHECK CMD. */
export function execForm(text: string | undefined): string[] {
  const [json] = /\[.*\]$/.exec(text ?? '') ?? ['[]'];
  return JSON.parse(json) as string[];
}

/** The last `ENV` of each name. */
export function environmentOf(stage: Stage | undefined): Record<string, string> {
  const pairs = instructionsOf(stage, 'ENV').flatMap((text) => text.split(/\s+/));
  return Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s) as [string, string]));
}

/** What a Dockerfile must not have, whoever runs the image. */
export function dockerfileProblems(text: string): string[] {
  const stages = readDockerfile(text);
  const last = stages.at(-1);
  const names = stages.flatMap(({ name }) => name ?? []);
  const problems = stages.flatMap(({ base }) =>
    names.includes(base) || /:\d+\.\d+\.\d+[\w.-]*$/.test(base) ? [] : [`${base} is not pinned to a version`],
  );
  if (stages.length < 2) problems.push('what builds is in the image that runs');
  const user = instructionsOf(last, 'USER').at(-1);
  if (user === undefined || /^(root|0)(:|$)/.test(user)) problems.push('runs as root');
  if (instructionsOf(last, 'HEALTHCHECK').length === 0) problems.push('has no health check');
  for (const run of instructionsOf(last, 'RUN')) {
    if (/\b(npm|npx|yarn|apt-get|apk|pip)\s+(ci|install|add|update)\b/.test(run))
      problems.push('the last stage installs packages');
  }
  for (const { keyword, text: words } of stages.flatMap(({ instructions }) => instructions)) {
    if (keyword === 'ADD') problems.push('ADD fetches and unpacks what it is given: use COPY');
    if (keyword === 'COPY' && /(^|\s)\.(\s|$)/.test(words)) problems.push('copies the whole repository');
    if (/^(ARG|ENV)$/.test(keyword) && /(PASSWORD|SECRET|TOKEN|API_KEY)\w*=\S/.test(words))
      problems.push(`a secret stays in the layers: ${words.split('=')[0]}`);
  }
  return problems;
}

/** What a miner made of each line of a set. */
export interface Mined {
  groups: readonly (string | number)[];
  templates: readonly string[];
}

export interface Accuracy {
  GA: number;
  FGA: number;
  PA: number;
  FTA: number;
}

/**
 * The form in which template strings are compared: placeholders of any type are `<*>`, neighbouring ones are one,
 * blanks are single. The same on both sides.
 */
export function comparable(template: string): string {
  return template
    .replace(/<[A-Z][A-Z_]*>/g, '<*>')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/<\*>(?: ?<\*>)+/g, '<*>');
}

/**
 * Group and template accuracy after Khan et al. (Guidelines for Assessing the Accuracy of Log Message Template
 * Identification Techniques, ICSE 2022) and Jiang et al. (A Large-Scale Evaluation for Log Parsing Techniques,
 * ISSTA 2024). GA: lines whose group is exactly a labelled group; FGA: F1 over groups; PA: lines whose template string
 * is the labelled one; FTA: F1 over templates, right when all lines of the group carry the label that its string is.
 */
export function accuracyOf(mined: Mined, labels: Mined): Accuracy {
  const found = membersOf(mined.groups);
  const labelled = membersOf(labels.groups);
  const strings = mined.templates.map(comparable);
  const wanted = labels.templates.map(comparable);
  let groupedLines = 0;
  let rightGroups = 0;
  let rightTemplates = 0;
  for (const lines of found.values()) {
    const first = lines[0] as number;
    const isPure = lines.every((line) => labels.groups[line] === labels.groups[first]);
    const isWhole = isPure && labelled.get(labels.groups[first] as string)?.length === lines.length;
    if (!isWhole) continue;
    groupedLines += lines.length;
    rightGroups++;
    if (lines.every((line) => strings[line] === wanted[line])) rightTemplates++;
  }
  const total = mined.groups.length;
  return {
    GA: groupedLines / total,
    FGA: harmonic(rightGroups / found.size, rightGroups / labelled.size),
    PA: strings.filter((text, i) => text === wanted[i]).length / total,
    FTA: harmonic(rightTemplates / found.size, rightTemplates / labelled.size),
  };
}

function membersOf(groups: Mined['groups']): Map<string | number, number[]> {
  const members = new Map<string | number, number[]>();
  groups.forEach((group, line) => {
    const lines = members.get(group);
    if (lines) lines.push(line);
    else members.set(group, [line]);
  });
  return members;
}

const harmonic = (precision: number, recall: number): number =>
  precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);

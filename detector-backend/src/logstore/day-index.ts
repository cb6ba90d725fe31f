const DAY_MS = 86_400_000;

/** Index of the UTC day of an event's time (epoch ms): `logs-{slug}-{YYYY.MM.DD}`. */
export function dayIndexOf(slug: string, timestamp: number): string {
  return `logs-${slug}-${new Date(timestamp).toISOString().slice(0, 10).replaceAll('-', '.')}`;
}

/** As {@link dayIndexOf}, for many documents of few days. */
export function createDayNames(slug: string): (timestamp: number) => string {
  const names = new Map<number, string>();
  return (timestamp) => {
    const day = Math.floor(timestamp / DAY_MS);
    let name = names.get(day);
    if (name === undefined) names.set(day, (name = dayIndexOf(slug, timestamp)));
    return name;
  };
}

/** Matches all day indices of one tenant, and of no other since a slug has no hyphen. */
export const dayPattern = (slug: string): string => `logs-${slug}-2*`;

/** Values of `${NAME}` and `${NAME:default}`; undefined leaves it to the default. */
export type Variables = (name: string, hasDefault: boolean) => string | undefined;

const PLACEHOLDER = /\$\{([a-zA-Z_.][a-zA-Z0-9_.]*)(?::([^}]*))?\}/g;

/**
 * Replaces `${NAME}` and `${NAME:default}` as Logstash does.
 * @throws Error that names a variable without value and without default
 */
export function substitute(text: string, variables: Variables): string {
  return text.replace(PLACEHOLDER, (whole, name: string, fallback: string | undefined) => {
    const value = variables(name, fallback !== undefined) ?? fallback;
    if (value === undefined) throw new Error(`${whole} has no value and no default`);
    return value;
  });
}

/** The variables that a text names. */
export function variablesIn(text: string): { name: string; has_default: boolean }[] {
  return [...text.matchAll(PLACEHOLDER)].map((match) => ({
    name: match[1]!,
    has_default: match[2] !== undefined,
  }));
}

/**
 * Runs the start of a process. What goes wrong is told in one line, without a stack: it is about the configuration or a
 * service that is away, and the person at the terminal can do something about it.
 */
export async function runProcess(start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}

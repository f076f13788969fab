/**
 * Writes to standard output and waits until it is taken, so that a long answer is never heaped up in memory. False where the reader has gone, as `head`
 * does when it has enough.
 */
export function writeOut(text: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      if ('code' in error && error.code === 'EPIPE') resolve(false);
      else reject(error);
    };
    process.stdout.once('error', failed);
    process.stdout.write(text, (error) => {
      // The stream tells of the error once more, after this.
      if (error) return failed(error);
      process.stdout.off('error', failed);
      resolve(true);
    });
  });
}

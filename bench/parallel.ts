/** Calls `work` `count` times, `width` of them at a time. */
export async function parallel(count: number, width: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let index = 0;
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (index < count) await work(index++);
    }),
  );
}

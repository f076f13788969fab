/**
 * Group commit. Requests of one kind are collected while the batch before them is being stored; there is no timer, so a lone request is
 * stored at once and a busy node makes larger batches by itself. A batch that fails is tried again one by one, so that one bad
 * request never fails its neighbours; what then still fails is thrown to its own caller alone.
 */
export type Batcher<Request, Answer> = (request: Request) => Promise<Answer>;

export type BatcherOptions<Request, Answer> = {
  /** Stores a batch in one transaction and answers each request, in order. */
  readonly store: (requests: readonly Request[]) => Promise<readonly Answer[]>;
  readonly batchMax: number;
  /** Default 1: a second batch beside the first would be smaller, and cost more than it saves (docs/performance.md). */
  readonly inFlightMax?: number;
  /** Requests waiting beyond this are thrown `BatchQueueFull`: better a quick "later" than an answer after the phone gave up. */
  readonly waitingMax?: number;
};

export class BatchQueueFull extends Error {
  override readonly name = 'BatchQueueFull';
}

type Waiting<Request, Answer> = {
  readonly request: Request;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
};

export function createBatcher<Request, Answer>(options: BatcherOptions<Request, Answer>): Batcher<Request, Answer> {
  const { store, batchMax, inFlightMax = 1, waitingMax = 20_000 } = options;
  let waiting: Waiting<Request, Answer>[] = [];
  let inFlight = 0;

  function startBatches(): void {
    while (inFlight < inFlightMax && waiting.length > 0) {
      const batch = waiting.slice(0, batchMax);
      waiting = waiting.slice(batchMax);
      inFlight += 1;
      void storeBatch(batch).finally(() => {
        inFlight -= 1;
        startBatches();
      });
    }
  }

  async function storeBatch(batch: readonly Waiting<Request, Answer>[]): Promise<void> {
    try {
      answer(batch, await store(batch.map((one) => one.request)));
    } catch (error) {
      const [only] = batch;
      if (batch.length === 1 && only !== undefined) return only.reject(error);
      for (const one of batch) await storeBatch([one]);
    }
  }

  function answer(batch: readonly Waiting<Request, Answer>[], answers: readonly Answer[]): void {
    if (answers.length !== batch.length)
      throw new Error(`a batch of ${batch.length} requests was given ${answers.length} answers`);
    for (const [index, one] of batch.entries()) {
      // The lengths agree, so there is an answer at each index.
      one.resolve(answers[index] as Answer);
    }
  }

  return (request) =>
    new Promise<Answer>((resolve, reject) => {
      if (waiting.length >= waitingMax) {
        reject(new BatchQueueFull(`${waitingMax} requests are already waiting`));
        return;
      }
      waiting.push({ request, resolve, reject });
      // Requests that arrive in the same turn of the event loop go together.
      if (waiting.length === 1) setImmediate(startBatches);
    });
}

export type EmbeddedPostgresOptions = {
  /** Holds the data and the lock; made where missing. */
  readonly folder: string;
  /** A folder with `initdb` and `postgres`; default: the npm package for this platform. */
  readonly binFolder?: string;
};

export type EmbeddedPostgres = {
  /** `postgres://…` for `openDatabase`. */
  readonly url: string;
  readonly version: string;
  stop(): Promise<void>;
};

export declare function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres>;

import { randomUUID } from 'node:crypto';
import type { Database } from '../database/database.ts';
import type { StationEvent } from '../station/station-feed.sql.ts';

/** What a committed transaction changed. A hint only: the truth is in the rows, and a lost hint costs a poll interval, never a permit. */
export type Change = {
  readonly orderIds: readonly string[];
  readonly events: readonly StationEvent[];
  readonly stationsChanged?: boolean;
};

/** Hears that a station's log grew; `events` are the new lines where this node wrote them, null where another did. */
export type StationListener = (events: readonly StationEvent[] | null) => void;

/** Wakes whoever waits for an order or a station, on this node and on the others. */
export type Signal = {
  tell(change: Change): void;
  /** Each gives the function that stops listening. */
  onOrder(orderId: string, heard: () => void): () => void;
  onStation(stationNumber: number, heard: StationListener): () => void;
  onStationsChanged(heard: () => void): () => void;
  close(): Promise<void>;
};

const channel = 'forecourt_change';
// PostgreSQL takes at most 8,000 bytes a payload.
const payloadBytesMax = 7_900;

type Payload = {
  readonly node: string;
  readonly orderIds: readonly string[];
  readonly stationNumbers: readonly number[];
  readonly stationsChanged: boolean;
};

/** For one node: listeners in this process. */
export function openLocalSignal(): Signal {
  const orders = createListeners<string, undefined>();
  const stations = createListeners<number, readonly StationEvent[] | null>();
  const changes = createListeners<'stations', undefined>();
  return {
    tell({ orderIds, events, stationsChanged }) {
      for (const [stationNumber, own] of groupByStation(events)) stations.tell(stationNumber, own);
      for (const orderId of orderIds) orders.tell(orderId, undefined);
      if (stationsChanged === true) changes.tell('stations', undefined);
    },
    onOrder: (orderId, heard) => orders.add(orderId, heard),
    onStation: (stationNumber, heard) => stations.add(stationNumber, heard),
    onStationsChanged: (heard) => changes.add('stations', heard),
    close: async () => undefined,
  };
}

/** For several nodes on one PostgreSQL: one NOTIFY a batch, after its commit, besides the listeners in this process. */
export async function openPostgresSignal(db: Database, failed: (error: unknown) => void): Promise<Signal> {
  const node = randomUUID();
  const local = openLocalSignal();
  const foreign = createListeners<number, null>();
  const listening = await db.listen(channel, (text) => {
    const payload = readPayload(text);
    if (payload === null || payload.node === node) return;
    for (const stationNumber of payload.stationNumbers) foreign.tell(stationNumber, null);
    local.tell({ orderIds: payload.orderIds, events: [], stationsChanged: payload.stationsChanged });
  });
  return {
    ...local,
    tell(change) {
      local.tell(change);
      for (const payload of writePayloads(node, change)) db.notify(channel, payload).catch(failed);
    },
    onStation(stationNumber, heard) {
      const stopLocal = local.onStation(stationNumber, heard);
      const stopForeign = foreign.add(stationNumber, heard);
      return () => {
        stopLocal();
        stopForeign();
      };
    },
    close: () => listening.stop(),
  };
}

function writePayloads(node: string, change: Change): string[] {
  const stationNumbers = [...new Set(change.events.map((event) => event.stationNumber))];
  const payload: Payload = {
    node,
    orderIds: change.orderIds,
    stationNumbers,
    stationsChanged: change.stationsChanged === true,
  };
  const text = JSON.stringify(payload);
  if (text.length <= payloadBytesMax) return [text];
  const half = Math.ceil(Math.max(change.orderIds.length, change.events.length) / 2);
  return [
    ...writePayloads(node, {
      ...change,
      orderIds: change.orderIds.slice(0, half),
      events: change.events.slice(0, half),
    }),
    ...writePayloads(node, { orderIds: change.orderIds.slice(half), events: change.events.slice(half) }),
  ];
}

function readPayload(text: string): Payload | null {
  try {
    const payload: unknown = JSON.parse(text);
    // Only nodes of ours write on this channel, all with `writePayloads`.
    return payload as Payload;
  } catch {
    return null;
  }
}

function groupByStation(events: readonly StationEvent[]): Map<number, StationEvent[]> {
  const groups = new Map<number, StationEvent[]>();
  for (const event of events) {
    const group = groups.get(event.stationNumber);
    if (group === undefined) groups.set(event.stationNumber, [event]);
    else group.push(event);
  }
  for (const group of groups.values()) group.sort((a, b) => a.sequence - b.sequence);
  return groups;
}

type Listeners<Key, News> = {
  add(key: Key, heard: (news: News) => void): () => void;
  tell(key: Key, news: News): void;
};

function createListeners<Key, News>(): Listeners<Key, News> {
  const byKey = new Map<Key, Set<(news: News) => void>>();
  return {
    add(key, heard) {
      const group = byKey.get(key) ?? new Set();
      byKey.set(key, group.add(heard));
      return () => {
        group.delete(heard);
        if (group.size === 0 && byKey.get(key) === group) byKey.delete(key);
      };
    },
    tell(key, news) {
      for (const heard of byKey.get(key) ?? []) heard(news);
    },
  };
}

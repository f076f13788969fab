import { stationNumberMax } from '../base/ids.ts';
import { isOutgoingEventType, outgoingEventTypes, stationOfEvent } from '../outgoing/outgoing-event.ts';
import { subscriptionStationsMax } from '../outgoing/subscription.ts';
import { readTarget, type TargetRefusal } from '../outgoing/target.ts';
import { UsageError } from './command.ts';
import { readWhole } from './read-option.ts';

/** `yes`: events may go to this machine itself, by http too. Read by the cloud and by `events subscribe`. */
export const loopbackName = 'FORECOURT_EVENTS_LOOPBACK';

const whyNot: Readonly<Record<TargetRefusal, string>> = {
  url_unreadable: 'is no URL',
  url_too_long: 'is longer than 2048 characters',
  url_not_https: 'is not https',
  url_has_credentials: 'has a name or a password in it; the signature proves who sends',
  url_has_fragment: 'has a fragment (#), which is never sent',
  url_port_refused: 'has a port below 1024 other than 443',
  url_address_refused: 'leads to an address that is not on the internet',
};

export function readEventUrl(text: string): string {
  const target = readTarget(text, process.env[loopbackName] === 'yes');
  if ('refused' in target) throw new UsageError(`--url ${text} ${whyNot[target.refused]}`);
  return target.url.href;
}

/** `all`, or types with commas between. */
export function readEventTypes(text: string): readonly string[] {
  if (text === 'all') return outgoingEventTypes;
  const types = [...new Set(text.split(',').map((word) => word.trim()))];
  const unknown = types.filter((type) => !isOutgoingEventType(type));
  if (unknown.length > 0)
    throw new UsageError(`--types ${unknown.join(',')} is none of all, ${outgoingEventTypes.join(', ')}`);
  return types;
}

/** Station numbers with commas between; null where none are given. */
export function readStations(text: string | undefined): readonly number[] | null {
  if (text === undefined) return null;
  const numbers = text.split(',').map((word) => readWhole('stations', word.trim(), 1, stationNumberMax));
  if (numbers.length > subscriptionStationsMax)
    throw new UsageError(`--stations names more than ${subscriptionStationsMax} stations; without it all are meant`);
  return [...new Set(numbers)];
}

/** The one word after the command: a subscription's id. */
export function readSubscriptionId(positionals: readonly string[]): string {
  const [subscriptionId = ''] = positionals;
  if (positionals.length !== 1 || !/^sub_[0-9A-Z]{13}$/.test(subscriptionId))
    throw new UsageError(`name one subscription by its id, as events list shows it, not ${quote(positionals)}`);
  return subscriptionId;
}

export type EventName = { readonly stationNumber: number; readonly eventId: string };

/** An event's id, which is also the `webhook-id` that its receiver saw. */
export function readEventId(words: readonly string[]): EventName {
  const [eventId = ''] = words;
  const stationNumber = stationOfEvent(eventId);
  if (words.length !== 1 || stationNumber === null)
    throw new UsageError(`name one event by its id, such as evt_0000ZB…, not ${quote(words)}`);
  return { stationNumber, eventId };
}

const quote = (words: readonly string[]): string => JSON.stringify(words.join(' '));

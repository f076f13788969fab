import { serveCall } from '../service/call-desk.ts';
import { serveControl } from '../service/control.ts';
import { createFaults } from '../service/faults.ts';
import {
  closeOnce,
  openDoor,
  openSimulation,
  type RunningSimulator,
  type SimulatorOptions,
} from '../service/simulation.ts';
import { openApi } from './api.ts';
import { openBackOffice } from './back-office.ts';
import { openBook } from './book.ts';
import { serveCheckout } from './checkout.ts';
import { type Control, controlPowers, createControl } from './control.ts';
import { type AccountCredentials, loadCredentials } from './credentials.ts';
import { openDesk } from './desk.ts';
import { startEvents } from './events.ts';
import { faultWords } from './faults.ts';
import { openKeyStore } from './idempotency.ts';
import { endInTime, openTill } from './till.ts';

/** `credentials` fit `createStripe` as they stand. */
export type StripeSimulator = RunningSimulator<AccountCredentials, Control>;

/** Starts a Stripe of our own for one account in test mode, on the loopback interface. Events go to where `control.setWebhookUrl` says. */
export async function startStripeSimulator(options: SimulatorOptions = {}): Promise<StripeSimulator> {
  const simulation = openSimulation('stripe', options);
  const { store, timeline, random } = simulation;
  const credentials = loadCredentials(store, timeline, random);
  const book = openBook(store, timeline, random);
  const faults = createFaults(faultWords);
  const events = startEvents(simulation, book, credentials, faults);
  const door = await openDoor(options.port ?? 0);
  const pageUrl = `${door.url}/c/pay/`;
  const till = openTill(book, events, pageUrl);
  const backOffice = openBackOffice(book, events);
  for (const session of book.sessions.list()) if (session.status === 'open') endInTime(book, till, events, session);
  const control = createControl({ simulation, credentials, book, faults, events, till, backOffice });
  const api = openApi({
    simulation,
    accountId: credentials.accountId,
    secretKey: credentials.secretKey,
    book,
    till,
    backOffice,
    faults,
    keys: openKeyStore(store, timeline),
    origin: door.url,
    pageUrl,
    onPlaced(session) {
      endInTime(book, till, events, session);
      simulation.autoPay(() => void till.pay(book.sessions.get(session.id)));
    },
  });
  const powers = controlPowers(control, faults);
  const cashierUrl = `${door.url}/cashier/`;
  // One door, three desks: the API that is simulated, the control for whoever plays the service, the page for payers.
  door.answerWith((request, response) => {
    const path = request.url ?? '/';
    if (path.startsWith('/v1/')) return serveCall(api, request, response);
    const url = new URL(door.url + path);
    if (url.pathname.startsWith('/_control/')) return serveControl(powers, request, response, url);
    return serveCheckout({ book, till }, request, response, url);
  });
  return {
    url: door.url,
    cashierUrl,
    credentials: credentials.forMerchant(),
    control,
    desk: openDesk({ cashierUrl, book, till, backOffice, faults, events }),
    close: closeOnce(simulation, door, events),
  };
}

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
import { openApi } from './alipay-api.ts';
import { createBills } from './bills.ts';
import { serveCashier } from './cashier.ts';
import { type Control, controlPowers, createControl } from './control.ts';
import { type CredentialsRecord, loadCredentials, type MerchantCredentials } from './credentials.ts';
import { openDesk } from './desk.ts';
import { faultWords } from './faults.ts';
import { type Payment, openLedger } from './ledger.ts';
import { startAlipayNotifier } from './notifier.ts';
import { openTill } from './till.ts';

export type AlipaySimulatorOptions = SimulatorOptions & {
  /** Made before by `makeCredentials`, where many simulators start and none should wait for keys. */
  readonly madeCredentials?: CredentialsRecord;
};

/** `credentials` fit `createAlipay` as they stand. */
export type AlipaySimulator = RunningSimulator<MerchantCredentials, Control>;

/** Starts an Alipay of our own for one app of one merchant, on the loopback interface. */
export async function startAlipaySimulator(options: AlipaySimulatorOptions = {}): Promise<AlipaySimulator> {
  const simulation = openSimulation('alipay', options);
  const { store, timeline, random } = simulation;
  const credentials = await loadCredentials(store, random, options.madeCredentials);
  const ledger = openLedger(store, timeline, random);
  const faults = createFaults(faultWords);
  const notifier = startAlipayNotifier(simulation, credentials, faults);
  const till = openTill(ledger, notifier);
  const control = createControl({ simulation, credentials, ledger, faults, notifier, till });
  const door = await openDoor(options.port ?? 0);
  const cashierUrl = `${door.url}/cashier/`;
  const onPlaced = ({ outTradeNo }: Payment): void =>
    simulation.autoPay(() => void till.pay(ledger.findPayment(outTradeNo)));
  const bills = createBills(ledger, credentials, options.billsAtOnce ?? false);
  const api = openApi({ simulation, credentials, ledger, till, faults, bills, origin: door.url, onPlaced });
  const powers = controlPowers(control, faults);
  // One door: both versions of the API, the bills, the control for whoever plays the service, the cashier for payers.
  door.answerWith(async (request, response) => {
    const url = new URL(door.url + (request.url ?? '/'));
    if (url.pathname.startsWith('/_control/')) return serveControl(powers, request, response, url);
    return isCall(url)
      ? serveCall(api, request, response)
      : serveCashier({ ledger, till, credentials, onPlaced }, request, response, url);
  });
  return {
    url: door.url,
    cashierUrl,
    credentials: credentials.forMerchant(),
    control,
    desk: openDesk({ cashierUrl, ledger, till, faults, notifier }),
    close: closeOnce(simulation, door, notifier),
  };
}

/** A payer's browser comes through the gateway too, with its one method. */
const isCall = ({ pathname, searchParams }: URL): boolean =>
  pathname.startsWith('/v3/') ||
  pathname.startsWith('/bill/') ||
  (pathname === '/gateway.do' && searchParams.get('method') !== 'alipay.trade.wap.pay');

import { secondMs } from '../../../base/clock.ts';
import { ProviderError, type ProviderOperation } from '../../../payment/provider/provider.ts';
import { type House, say, type Weather } from '../house.ts';
import type { PaymentService } from '../service/payment-service.ts';
import { requestLivesMs } from '../service/service-calls.ts';
import type { Step } from './step.ts';

/** As `call-provider.ts`: after so long the caller has given up. */
const callMsMax = 8 * secondMs;
const lateRequestsMax = 4;

/**
 * One request to a payment service, through whatever weather there is when it arrives. Throws `ProviderError` for a definite no, and for silence, which
 * says nothing of whether it was done.
 */
export function* callService<Answer>(
  house: House,
  service: PaymentService,
  operation: ProviderOperation,
  serve: (now: number) => Answer,
): Step<Answer> {
  const sentAt = house.now;
  yield 'request';
  const weather = house.now - sentAt > requestLivesMs ? 'requests lost' : house.weather[service.account.id];
  refuseInWeather(house, service, operation, weather, () => serve(house.now));
  // A no is an answer too, and can get lost like any other.
  const answer = attempt(() => serve(house.now));
  say(house, `    ${service.account.id}: ${operation} is answered ${describe(answer)}`);
  yield 'answer';
  if (weather === 'answers lost' || house.now - sentAt > callMsMax)
    throw silence(operation, 'the answer never came back');
  if (answer.kind === 'no') throw answer.error;
  return answer.value;
}

type Answer<Value> = { readonly kind: 'yes'; readonly value: Value } | { readonly kind: 'no'; readonly error: Error };

function attempt<Value>(serve: () => Value): Answer<Value> {
  try {
    return { kind: 'yes', value: serve() };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return { kind: 'no', error };
  }
}

function describe(answer: Answer<unknown>): string {
  if (answer.kind === 'no') return `no: ${answer.error.message}`;
  const { value } = answer;
  if (typeof value !== 'object' || value === null) return 'yes';
  if ('state' in value) return String(value.state);
  return 'kind' in value ? String(value.kind) : 'yes';
}

/** Throws unless the request arrives and is taken up. */
function refuseInWeather(
  house: House,
  service: PaymentService,
  operation: ProviderOperation,
  weather: Weather,
  arrive: () => unknown,
): void {
  switch (weather) {
    case 'fine':
    case 'answers lost':
      return;
    case 'unreachable':
      throw new ProviderError('unreachable', operation, 'the connection was refused');
    case 'busy':
      throw new ProviderError('rate_limited', operation, 'too many requests');
    case 'refuses':
      if (operation === 'create') throw new ProviderError('declined', operation, 'the service declines');
      return;
    case 'requests lost':
      throw silence(operation, 'the request never arrived');
    case 'requests late':
      if (house.late.length < lateRequestsMax) house.late.push({ service, operation, sentAt: house.now, arrive });
      throw silence(operation, 'the request has not arrived yet');
  }
}

function silence(operation: ProviderOperation, why: string): ProviderError {
  return new ProviderError('unknown', operation, why);
}

/** A request that everybody has given up arrives after all; nobody reads its answer. */
export function arriveLate(house: House, index: number): void {
  const [request] = house.late.splice(index, 1);
  if (request === undefined) return;
  const { service, operation, sentAt, arrive } = request;
  if (house.now - sentAt > requestLivesMs) return;
  say(house, `${service.account.id}: a ${operation} that was given up arrives`);
  house.reached.add('a late request arrived');
  attempt(arrive);
}

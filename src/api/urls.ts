import type { Journey } from '../journey/journey.ts';
import { documentationRoutes } from './documentation.ts';
import { driverRoutes } from './driver.ts';
import { findStationRoutes } from './find-station.ts';
import { healthRoutes } from './health.ts';
import { notificationRoutes } from './notification.ts';
import type { Route } from './route.ts';
import { staffRoutes } from './staff.ts';
import { stationRoutes } from './station.ts';

/**
 * Every URL of the API on one page. The files named below say what each does.
 *
 *   health.ts         GET  /livez  /readyz
 *   find-station.ts   GET  /v1/stations/nearby  /v1/stations/:number  /v1/pumps/:code
 *   driver.ts         POST /v1/orders
 *                     GET  /v1/orders/:id  /v1/orders/:id/events
 *                     POST /v1/orders/:id/payments  /v1/orders/:id/returned  /v1/orders/:id/cancel
 *                     GET  /v1/orders/:id/permit  /v1/orders/:id/receipt.svg  /v1/orders/:id/receipt.txt
 *   notification.ts   POST /v1/notifications/:provider  /v1/notifications/:provider/:account
 *   station.ts        GET  /v1/terminal/feed
 *                     POST /v1/terminal/reports
 *   staff.ts          GET  /v1/staff/me  /v1/staff/stations/:number/orders
 *                     GET  /v1/staff/orders/:id  /v1/staff/orders/:id/dispensed
 *                     POST /v1/staff/orders/:id/refunds  /v1/staff/orders/:id/dispensed
 *   documentation.ts  GET  /v1/permit-keys  /openapi.json  /docs
 *   pages.ts          GET  /  /p/:code  /s/:number  /o/:id  /staff  /assets/…
 */
export function allRoutes(journey: Journey): readonly Route[] {
  const routes = [
    ...healthRoutes(journey),
    ...findStationRoutes(journey),
    ...driverRoutes(journey),
    ...notificationRoutes(journey),
    ...stationRoutes(journey),
    ...staffRoutes(journey),
  ];
  return [...routes, ...documentationRoutes(journey, routes)];
}

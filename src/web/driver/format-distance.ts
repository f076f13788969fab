import { fillIn, type Language } from '../words.ts';
import { nearbyWords } from './nearby-words.ts';

const directions = ['north', 'north_east', 'east', 'south_east', 'south', 'south_west', 'west', 'north_west'] as const;

/** `140 m NE`: metres rounded to tens from 100 on (a phone knows no better), one of eight directions. */
export function formatDistance(language: Language, distanceMeters: number, bearingDegrees: number): string {
  const meters = distanceMeters < 100 ? Math.round(distanceMeters) : Math.round(distanceMeters / 10) * 10;
  const direction = directions[((Math.round(bearingDegrees / 45) % 8) + 8) % 8] ?? 'north';
  const shown = fillIn(nearbyWords.meters[language], { meters: new Intl.NumberFormat(language).format(meters) });
  return `${shown} ${nearbyWords[direction][language]}`;
}

/** Which property of a row means what. A row's property that nothing maps is ignored. */
export type Mapping = {
  readonly fields: Readonly<Record<Field, readonly string[]>>;
  /** By grade. Null: no price was mapped, and properties such as `price_E10` and `member_price_E10` are found by their names. */
  readonly prices: ReadonlyMap<string, PriceProperties> | null;
  /** Properties that somebody named, so that a misspelt one can be told. */
  readonly named: ReadonlySet<string>;
};

export type PriceProperties = { pump?: string; member?: string; official?: string };

export const fields = [
  'number',
  'name',
  'brand',
  'address',
  'city',
  'postcode',
  'latitude',
  'longitude',
  'time-zone',
  'state',
] as const;
export type Field = (typeof fields)[number];

/** What is tried, in this order, for a field that nobody mapped. */
const usualProperties: Readonly<Record<Field, readonly string[]>> = {
  number: ['station_number', 'stationNumber', 'number', 'id'],
  name: ['name', 'station_name'],
  brand: ['brand'],
  address: ['address', 'street'],
  city: ['city', 'town'],
  postcode: ['postcode', 'zip'],
  latitude: ['latitude', 'lat'],
  longitude: ['longitude', 'lon', 'lng'],
  'time-zone': ['time_zone', 'timezone'],
  state: ['state'],
};

const priceKinds = { price: 'pump', 'member-price': 'member', 'official-price': 'official' } as const;

/**
 * `number=id,price.E10=price_e10` as a mapping; each text may hold several pairs. Gives the reason as a string where a text is none:
 * left of `=` stands a field or `price.GRADE`, `member-price.GRADE`, `official-price.GRADE`, right of it a property.
 */
export function parseMapping(texts: readonly string[]): Mapping | string {
  const found: Record<Field, readonly string[]> = { ...usualProperties };
  const prices = new Map<string, PriceProperties>();
  const named = new Set<string>();
  for (const pair of texts.flatMap((text) => text.split(',')).map((text) => text.trim())) {
    const [, left, property] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
    if (left === undefined || property === undefined) return `${JSON.stringify(pair)} is not FIELD=PROPERTY`;
    const [, kind, grade] = /^(price|member-price|official-price)\.(.{1,32})$/.exec(left) ?? [];
    if (isPriceKind(kind) && grade !== undefined)
      prices.set(grade, { ...prices.get(grade), [priceKinds[kind]]: property });
    else if (isField(left)) found[left] = [property];
    else
      return `${JSON.stringify(left)} is no field: ${fields.join(', ')}, price.GRADE, member-price.GRADE, official-price.GRADE`;
    named.add(property);
  }
  return { fields: found, prices: prices.size === 0 ? null : prices, named };
}

const isField = (name: string): name is Field => Object.hasOwn(usualProperties, name);
const isPriceKind = (name: string | undefined): name is keyof typeof priceKinds =>
  name !== undefined && Object.hasOwn(priceKinds, name);

/** The price properties of one row by grade: as mapped, else found by their names, in the order in which the row has them. */
export function pricePropertiesOf(
  mapping: Mapping,
  properties: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, PriceProperties> {
  if (mapping.prices !== null) return mapping.prices;
  const prices = new Map<string, PriceProperties>();
  for (const property of Object.keys(properties)) {
    const [, kind = 'pump', grade] = /^(?:(pump|member|official)[_.-])?price[_.:-](.{1,32})$/.exec(property) ?? [];
    if (grade !== undefined) prices.set(grade, { ...prices.get(grade), [kind]: property });
  }
  return prices;
}

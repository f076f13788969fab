/** Which property of a row means what. A row's property that nothing maps is ignored. */
export type Mapping = {
  readonly fields: Readonly<Record<Field, readonly string[]>>;
  /** By grade, what was mapped. */
  readonly prices: ReadonlyMap<string, PriceProperties>;
  /** The mapped grade by the grade that a mapped property's own name tells: with `price.E10=price_e10` the member price of e10 is that of E10. */
  readonly gradeByUsualGrade: ReadonlyMap<string, string>;
  /** Are properties such as `price_E10` and `member_price_E10` that nobody mapped found by their names? */
  readonly findsUsualPrices: boolean;
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
  'nozzles',
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
  nozzles: ['nozzles'],
};

const priceKinds = { price: 'pump', 'member-price': 'member', 'official-price': 'official' } as const;

/**
 * `number=id,price.E10=price_e10` as a mapping; each text may hold several pairs. Gives the reason as a string where a text is none:
 * left of `=` stands a field or `price.GRADE`, `member-price.GRADE`, `official-price.GRADE`, right of it a property. Prices that are not mapped are
 * found by their usual names, unless `findsUsualPrices` is false.
 */
export function parseMapping(texts: readonly string[], findsUsualPrices = true): Mapping | string {
  const found: Record<Field, readonly string[]> = { ...usualProperties };
  const prices = new Map<string, PriceProperties>();
  const gradeByUsualGrade = new Map<string, string>();
  const named = new Set<string>();
  for (const pair of texts.flatMap((text) => text.split(',')).map((text) => text.trim())) {
    const [, left, property] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
    if (left === undefined || property === undefined) return `${JSON.stringify(pair)} is not FIELD=PROPERTY`;
    const [, kind, grade] = /^(price|member-price|official-price)\.(.{1,32})$/.exec(left) ?? [];
    if (isPriceKind(kind) && grade !== undefined) {
      prices.set(grade, { ...prices.get(grade), [priceKinds[kind]]: property });
      const usual = usualPriceOf(property);
      if (usual !== null) gradeByUsualGrade.set(usual.grade, grade);
    } else if (isField(left)) found[left] = [property];
    else
      return `${JSON.stringify(left)} is no field: ${fields.join(', ')}, price.GRADE, member-price.GRADE, official-price.GRADE`;
    named.add(property);
  }
  return { fields: found, prices, gradeByUsualGrade, findsUsualPrices, named };
}

const isField = (name: string): name is Field => Object.hasOwn(usualProperties, name);
const isPriceKind = (name: string | undefined): name is keyof typeof priceKinds =>
  name !== undefined && Object.hasOwn(priceKinds, name);

type UsualPrice = { readonly grade: string; readonly kind: string };

/** What a property is by its own name: `price_E10`, `member_price_E10`, `official.price.E10`; null where it is no price. */
function usualPriceOf(property: string): UsualPrice | null {
  const [, kind = 'pump', grade] = /^(?:(pump|member|official)[_.-])?price[_.:-](.{1,32})$/.exec(property) ?? [];
  return grade === undefined ? null : { grade, kind };
}

/**
 * The price properties of one row by grade: what is mapped, then what is found by its name, in the order in which the row has it. A mapped property
 * is nothing else besides, and a mapped price goes before one that is only found.
 */
export function pricePropertiesOf(
  { prices: mapped, gradeByUsualGrade, findsUsualPrices, named }: Mapping,
  properties: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, PriceProperties> {
  if (!findsUsualPrices) return mapped;
  const prices = new Map(mapped);
  for (const property of Object.keys(properties)) {
    const usual = named.has(property) ? null : usualPriceOf(property);
    if (usual === null) continue;
    const grade = gradeByUsualGrade.get(usual.grade) ?? usual.grade;
    prices.set(grade, { [usual.kind]: property, ...prices.get(grade) });
  }
  return prices;
}

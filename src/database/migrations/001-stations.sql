-- Stations, their pumps and prices. The station number leads every primary key, so that the tables can be
-- distributed by it.

create table stations (
  station_number integer primary key check (station_number between 1 and 1073741823),
  name text not null check (length(name) between 1 and 200),
  brand text check (length(brand) between 1 and 100),
  address text not null check (length(address) between 1 and 400),
  latitude double precision not null check (latitude between -90 and 90),
  longitude double precision not null check (longitude between -180 and 180),
  time_zone text not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  unit text not null check (unit in ('l', 'gal-us', 'gal-uk', 'kg')),
  price_resolution_milli integer not null check (price_resolution_milli between 1 and 1000000000),
  volume_step_milli integer not null check (volume_step_milli between 1 and 100000000),
  rounding text not null check (rounding in ('half-up', 'half-even', 'down', 'up')),
  order_money_minor_min bigint not null check (order_money_minor_min > 0),
  order_money_minor_max bigint not null check (order_money_minor_max between order_money_minor_min and 1000000000000),
  order_volume_milli_max integer not null check (order_volume_milli_max between 1 and 100000000),
  state text not null check (state in ('open', 'closed')),
  methods text[] not null,
  updated_at timestamptz not null
);

-- Rises with every change above and below: tells each node that its index of positions is out of date.
create table station_changes (
  only_row boolean primary key default true check (only_row),
  version bigint not null
);
insert into station_changes (version) values (1);

-- A station without nozzles has a layout that nobody told us.
create table nozzles (
  station_number integer not null references stations (station_number),
  pump smallint not null check (pump between 1 and 99),
  nozzle smallint not null check (nozzle between 1 and 999),
  grade text not null check (length(grade) between 1 and 32),
  primary key (station_number, pump, nozzle)
);

-- A new price is a new row with a later start; of those valid at one time the one that began last counts. The same start again is a
-- correction. A grade that is no longer sold gets an end.
create table grade_prices (
  station_number integer not null references stations (station_number),
  grade text not null check (length(grade) between 1 and 32),
  valid_from timestamptz not null,
  valid_until timestamptz,
  official_price_milli integer check (official_price_milli between 1 and 1000000000),
  pump_price_milli integer not null check (pump_price_milli between 1 and 1000000000),
  member_price_milli integer check (member_price_milli between 1 and pump_price_milli),
  primary key (station_number, grade, valid_from),
  check (valid_until is null or valid_until > valid_from)
);

import type { StaffMember } from '../staff/staff-member.ts';

/** `1003, 1004` or `all`. */
export const stationsText = ({ stationNumbers }: Pick<StaffMember, 'stationNumbers'>): string =>
  stationNumbers === null ? 'all' : stationNumbers.join(', ');

export const rightsText = ({ rights }: Pick<StaffMember, 'rights'>): string => ['see', ...rights].join(', ');

export const memberText = (member: StaffMember): string =>
  `${member.staffId}  ${member.name}  stations: ${stationsText(member)}  may: ${rightsText(member)}`;

/** What lists show of a case. Pure. */

/**
 * @param {object} feature a case as GeoJSON
 * @param {{category: (code: string) => string, grid: (code: string) => string}} names
 */
export function entryOf({id, geometry, properties}, names) {
  const {number, category, grid_code: gridCode, severity, stage, address} = properties;
  return {
    id, number, severity, stage, gridCode, address, category,
    get title() { return names.category(category); },
    get gridName() { return names.grid(gridCode); },
    /** Names of the other grids that the case may lie in. */
    borders: (properties.candidates ?? []).filter(({lon}) => lon === undefined).map(({name, grid_code: code}) => name ?? code),
    overdue: isOverdue(properties, Date.now()),
    at: properties.reported_at,
    lonlat: geometry?.coordinates ?? null,
  };
}

/** @param {{overdue?: boolean, stage: string, due_at?: string}} properties @param {number} now milliseconds */
export function isOverdue({overdue, stage, due_at: dueAt}, now) {
  if (overdue !== undefined) return Boolean(overdue);
  return stage !== 'closed' && Boolean(dueAt) && Date.parse(dueAt) < now;
}

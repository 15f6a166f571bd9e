/** What lists show of a case. Pure. */

/** @param {object} feature a case as GeoJSON */
export function entryOf({id, geometry, properties}) {
  const {number, category_title: title, category, grid_code: gridCode, grid_name: gridName, severity, stage, address} = properties;
  return {
    id, number, severity, stage, gridCode, address,
    title: title ?? category,
    gridName: gridName ?? gridCode,
    overdue: isOverdue(properties, Date.now()),
    at: properties.reported_at,
    lonlat: geometry?.coordinates ?? null,
  };
}

/** @param {{overdue?: boolean, stage: string, due_at?: string}} properties @param {number} now milliseconds */
export function isOverdue({overdue, stage, due_at: dueAt}, now) {
  if (typeof overdue === 'boolean') return overdue;
  return stage !== 'closed' && Boolean(dueAt) && Date.parse(dueAt) < now;
}

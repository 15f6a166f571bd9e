/** Where a page sends its reader when its work is done. */

const HOME = '/wall';

/**
 * Read the address to go back to from `?next=`: a page of ours, and no way out to another site.
 * @param {string} search
 * @param {string} origin of this page
 * @returns {string} a path with its query
 */
export function wayBack(search, origin) {
  const found = addressOf(new URLSearchParams(search).get('next') ?? HOME, origin);
  if (found?.origin !== origin || found.pathname === '/login') return HOME;
  return found.pathname + found.search;
}

function addressOf(text, origin) {
  try {
    return new URL(text, origin);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** A list that is told by pages, read to its end. */

/**
 * @param {(address: string, query: Record<string, string>) => Promise<{features: object[], links?: {rel: string, href: string}[]}>} read such as getJson
 * @param {string} address of the list
 * @param {Record<string, unknown>} query of the first page; the others have their whole address in the link to them
 * @returns {Promise<object[]>} the features of all pages, in their order
 */
export async function allPages(read, address, query) {
  const features = [];
  let page = await read(address, query);
  for (;;) {
    features.push(...page.features);
    const next = page.links?.find(({rel}) => rel === 'next');
    if (!next) return features;
    page = await read(next.href, {});
  }
}

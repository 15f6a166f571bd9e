// Lists the collections of a server and reads a feature of each, by npm @camptocamp/ogc-client.
import {createRequire} from 'node:module';
import {pathToFileURL} from 'node:url';

const installed = createRequire(new URL('../../web_map/package.json', import.meta.url));
const client = await import(pathToFileURL(installed.resolve('@camptocamp/ogc-client')));
const endpoint = new client.OgcApiEndpoint(process.argv[2]);
const read = {};
for (const name of await endpoint.featureCollections) {
  const {title, crs} = await endpoint.getCollectionInfo(name);
  const features = await endpoint.getCollectionItems(name, 2);
  read[name] = {title, crs: crs.length, ids: features.map(({id}) => id)};
}
console.log(JSON.stringify({title: (await endpoint.info).title, read}));

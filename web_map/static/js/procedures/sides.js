/** Arrows that go round boxes: where they leave and enter a side, and how far out they run. Pure. */

/** Between the vertical runs of two arrows, in CSS pixels. */
const TRACK = 16;
const ENTRY = 14;
const LINE = 16;

/** Room that an arrow's end takes on the side of a box: its label stands there where it leaves. */
const roomOf = ({leaves, lines}) => (leaves ? Math.max(ENTRY, lines.length * LINE + 6) : ENTRY);

/**
 * The ends of arrows on one side of a box, from top to bottom so that none crosses another: first those whose other
 * end lies above, the nearest first; then those whose other end lies below, the farthest first.
 * @param {string} code of the box
 * @param {{from: string, to: string, lines: string[]}[]} arrows of this side
 * @param {Map<string, number>} rank
 */
export function endsOf(code, arrows, rank) {
  const ends = arrows.flatMap(arrow => [
    ...(arrow.from === code ? [{arrow, leaves: true, lines: arrow.lines, way: rank.get(arrow.to) - rank.get(code)}] : []),
    ...(arrow.to === code ? [{arrow, leaves: false, lines: arrow.lines, way: rank.get(arrow.from) - rank.get(code)}] : []),
  ]);
  const place = ({way}) => (way < 0 ? -1 / way - 2 : 1 / way);
  return ends.sort((a, b) => place(b) - place(a)).sort((a, b) => Math.sign(a.way) - Math.sign(b.way)).map(end => ({...end, room: roomOf(end)}));
}

/** @param {{room: number}[]} ends @returns {number} the height that a side needs */
export const heightOf = ends => ends.reduce((sum, {room}) => sum + room, 0);

/** Give each end of a side its y, spread over the box. @param {object[]} ends @param {{y: number, height: number}} box */
export function spread(ends, box) {
  const slack = (box.height - heightOf(ends)) / (ends.length + 1);
  let y = box.y;
  for (const end of ends) {
    y += slack + end.room;
    const at = end.leaves ? y - 3 : y - end.room / 2;
    end.arrow[end.leaves ? 'y1' : 'y2'] = at;
  }
}

/**
 * Give each arrow of a side a track, so that no two run on the same stretch; the short ones stay inside.
 * @param {{y1: number, y2: number, track?: number}[]} arrows
 * @returns {number} the width that the tracks take
 */
export function layTracks(arrows) {
  const tracks = [];
  const span = ({y1, y2}) => Math.abs(y2 - y1);
  for (const arrow of [...arrows].sort((a, b) => span(a) - span(b))) {
    const [top, bottom] = [Math.min(arrow.y1, arrow.y2) - 4, Math.max(arrow.y1, arrow.y2) + 4];
    let track = tracks.findIndex(taken => taken.every(other => bottom < other.top || top > other.bottom));
    if (track < 0) track = tracks.push([]) - 1;
    tracks[track].push({top, bottom});
    arrow.track = track;
  }
  return tracks.length * TRACK;
}

/** @param {number} track @returns {number} how far outside the labels it runs */
export const outOf = track => (track + 0.75) * TRACK;

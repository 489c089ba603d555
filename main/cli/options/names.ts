/** Names for guests nobody named: two plain words, the same for the same seed. */
import { createHash } from 'node:crypto';

const MANNERS =
  'amber brave bright brisk calm clear cosy early fair fond gentle glad golden green hearty hushed kind late light lively mellow merry mild misty modest neat noble plain quiet ready rosy round sandy silver sleepy snug soft spare steady still sunny tidy warm wide windy wise' as const;
const PLACES =
  'alcove arbour attic balcony bakery barn bay bridge brook cabin canal cellar cloister corner cottage court cove dell dune ferry field forge garden gate glade grove hall harbour haven hearth hill inn island kitchen lagoon landing lane lantern loft meadow mill moor orchard parlour pier pond porch quay river terrace tower valley' as const;

/** `quiet-harbour`. One of a few thousand; `isTaken` makes it ask on, with a number in the end. */
export function friendlyName(seed: string, isTaken: (name: string) => boolean): string {
  const manners = MANNERS.split(' ');
  const places = PLACES.split(' ');
  for (let turn = 0; ; turn++) {
    const digest = createHash('sha256').update(`${seed}\0${turn}`).digest();
    const pick = (words: readonly string[], at: number) => words[digest.readUInt16BE(at) % words.length] as string;
    const name = `${pick(manners, 0)}-${pick(places, 2)}${turn < 8 ? '' : `-${turn}`}`;
    if (!isTaken(name)) return name;
  }
}

/**
 * Slots for devices that come and go. On a q35 board each needs a PCI Express port, and ports cannot be added to a machine
 * that runs: some are there from the start. Four cost an emulated guest's start 3 % of its processor time (50 ms of
 * 1400), as functions of one slot of the board and without an I/O window.
 */

/** Ports beside those that are taken from the start. */
export const SPARE_PORTS = 4;
/** Functions of one PCI slot. */
const FUNCTIONS = 8;
/** The slot the first eight ports are functions of; nothing else is put there. */
const FIRST_SLOT = 0x18;

export const portName = (index: number) => `port${index}`;

/** Pure. `count`: at most 32. */
export function portsArgv(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const place = `addr=0x${(FIRST_SLOT + Math.floor(index / FUNCTIONS)).toString(16)}.${index % FUNCTIONS}`;
    const first = index % FUNCTIONS === 0 ? 'multifunction=on,' : '';
    return ['-device', `pcie-root-port,id=${portName(index)},chassis=${index + 1},${first}${place},io-reserve=0`];
  }).flat();
}

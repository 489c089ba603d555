/** What a machine had grown by when its memory was kept. */
import { backend, type Grown, memoryDevice } from '../size/devices.ts';
import { portName } from './ports.ts';

/** `shared`: its memory is one that programs beside QEMU can be given. */
export function grownArgv(grown: Grown | undefined, shared: boolean): string[] {
  if (!grown) return [];
  const { processors, memory } = grown;
  return [
    ...processors.flatMap((one) => ['-device', JSON.stringify(one)]),
    ...(memory
      ? [
          '-object',
          JSON.stringify(backend(memory.mostBytes, shared)),
          '-device',
          JSON.stringify({ ...memoryDevice(memory.bytes), bus: portName(memory.port) }),
        ]
      : []),
  ];
}

/** Programs in a running machine: by our own init where it is there, else by the guest's agent; and what is done by them. */
import { GuesthouseError } from '../../contract/errors.ts';
import type { GuestProcess } from '../../contract/files.ts';
import { type ToolOptions, textOf } from '../../guest-files/tools.ts';
import { listProcesses } from '../../metrics/process-list.ts';
import type { ConsoleEndpoint, DriverContext, ExecRequest, GuestRecord } from '../driver.ts';
import { PROCESSES_COMMAND, readProcesses } from './exec/processes.ts';
import { runTool } from './exec/tool.ts';
import { agentEndpoint } from './guest-agent/endpoint.ts';
import type { LiveMachine } from './live.ts';

const TOOL_TIMEOUT_MS = 60_000;
/** Of a program that nobody sees. */
const TOOL_REQUEST = { tty: false, columns: 0, rows: 0, user: '0:0', env: ['LC_ALL=C'], workingDir: '/', hidden: true };

export interface Programs {
  exec(guest: GuestRecord, request: ExecRequest): Promise<ConsoleEndpoint>;
  endExec(guest: GuestRecord, endpointId: string): Promise<void>;
  top(guest: GuestRecord): Promise<readonly GuestProcess[]>;
  /** Output of a program of ours; of machines with an init of ours only. */
  tool(guest: GuestRecord, command: readonly string[], options?: ToolOptions): AsyncGenerator<Buffer>;
}

/** `running`: throws `wrong-state` when it does not run. */
export function createPrograms(
  { images }: DriverContext,
  running: (guest: GuestRecord) => LiveMachine,
  live: ReadonlyMap<string, LiveMachine>,
): Programs {
  const programs: Programs = {
    async exec(guest, request) {
      const machine = running(guest);
      if (!machine.record.agent) {
        if (!(await machine.guestAgent.isThere())) throw noExec(guest);
        return agentEndpoint(machine.guestAgent, guest.id, request);
      }
      const { config } = await images.rootfs(guest.imageId ?? '');
      return machine.sessions.exec(guest, config, request);
    },

    async endExec(guest, endpointId) {
      await live.get(guest.id)?.sessions.end(endpointId);
    },

    async top(guest) {
      const { agent, qemu } = running(guest).record;
      // Without an init of ours its own processes are not seen: QEMU is what the host runs.
      if (!agent) return listProcesses([qemu.pid], { level: null, uidMap: '0 0 4294967295' });
      return readProcesses((await textOf(programs.tool(guest, PROCESSES_COMMAND))).toString(), qemu.pid);
    },

    async *tool(guest, command, { timeoutMs = TOOL_TIMEOUT_MS, ...options } = {}) {
      const endpoint = await programs.exec(guest, { ...TOOL_REQUEST, command });
      yield* runTool(endpoint, { ...options, timeoutMs, end: () => programs.endExec(guest, endpoint.id) });
    },
  };
  return programs;
}

function noExec({ spec: { name } }: GuestRecord): GuesthouseError {
  return new GuesthouseError({
    code: 'unsupported',
    message: `${name} runs a system of its own, in which no program can be started from outside.`,
    subject: name,
    hint: 'Install qemu-guest-agent in it, or open the console `ttyS0` or its screen.',
  });
}

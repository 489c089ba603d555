/**
 * A seccomp profile as people write it (the form of containers/common's and Docker's seccomp.json): rules that depend on
 * capabilities, processor and kernel. Parsed and checked here; `seccomp.ts` turns it into what a runtime takes.
 */
import { open } from 'node:fs/promises';
import { GuesthouseError } from '../../contract/errors.ts';

export interface ProfileArgument {
  /** Number of the call's argument, from 0. */
  readonly index: number;
  readonly value: number;
  readonly valueTwo: number;
  readonly op: string;
}

export interface ProfileCondition {
  /** `CAP_…`; to include, all are held; to exclude, any. */
  readonly caps?: readonly string[];
  /** Go's names of processors. */
  readonly arches?: readonly string[];
  /** `4.8`. */
  readonly minKernel?: string;
}

export interface ProfileRule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly ProfileArgument[];
  readonly includes?: ProfileCondition;
  readonly excludes?: ProfileCondition;
}

export interface Profile {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly archMap?: readonly { readonly architecture: string; readonly subArchitectures: readonly string[] }[];
  /** Instead of `archMap`, as the OCI runtime-spec has it. */
  readonly architectures?: readonly string[];
  readonly syscalls: readonly ProfileRule[];
}

/** A larger file is not one (bytes). */
const MAX_FILE_BYTES = 1024 * 1024;
const MAX_RULES = 4096;
/** `SCMP_ACT_NOTIFY` is not among them: it needs somebody to ask, and there is nobody. */
const ACTIONS = ['ALLOW', 'ERRNO', 'KILL', 'KILL_PROCESS', 'KILL_THREAD', 'LOG', 'TRACE', 'TRAP'].map(
  (name) => `SCMP_ACT_${name}`,
);
const OPERATORS = ['NE', 'LT', 'LE', 'EQ', 'GE', 'GT', 'MASKED_EQ'].map((name) => `SCMP_CMP_${name}`);
const MAX_ERRNO = 4095;
const LAST_ARGUMENT = 5;

/** Throws `not-found`, `denied` or `bad-data`. */
export async function readProfile(path: string): Promise<Profile> {
  let text: string;
  try {
    const file = await open(path, 'r');
    try {
      const info = await file.stat();
      if (!info.isFile() || info.size > MAX_FILE_BYTES) throw unusable(path, 'it is no file of at most 1 MiB');
      text = await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof GuesthouseError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new GuesthouseError({
      code: code === 'EACCES' ? 'denied' : 'not-found',
      message: `The seccomp profile ${path} cannot be read.`,
      subject: path,
      cause: message,
      hint: 'Give the absolute path of a profile, `default` or `unconfined`.',
    });
  }
  return parseProfile(text, path);
}

/** Throws `bad-data`. `path` is for the message. */
export function parseProfile(text: string, path: string): Profile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw unusable(path, 'it is not JSON');
  }
  const bad = (why: string) => unusable(path, why);
  const top = record(json) ?? refuse(bad('it is not an object'));
  const rules = top.syscalls ?? [];
  if (!Array.isArray(rules) || rules.length > MAX_RULES) throw bad('its `syscalls` are not a list of rules');
  const defaultErrno = errno(top.defaultErrnoRet, bad);
  const map = top.archMap === undefined || top.archMap === null ? undefined : archMap(top.archMap, bad);
  return {
    defaultAction: action(top.defaultAction, 'defaultAction', bad),
    ...(defaultErrno === undefined ? {} : { defaultErrnoRet: defaultErrno }),
    ...(map ? { archMap: map } : {}),
    ...(top.architectures ? { architectures: architectures(top.architectures, bad) } : {}),
    syscalls: rules.map((rule, index) => parseRule(rule, (why) => bad(`rule ${index + 1}: ${why}`))),
  };
}

type Bad = (why: string) => GuesthouseError;

function parseRule(value: unknown, bad: Bad): ProfileRule {
  const rule = record(value) ?? refuse(bad('it is not an object'));
  // The oldest form has one name per rule.
  const names = typeof rule.name === 'string' && !rule.names ? [rule.name] : rule.names;
  if (
    !Array.isArray(names) ||
    names.length === 0 ||
    !names.every((name) => /^[a-z_][a-z0-9_]{0,63}$/.test(String(name)))
  )
    throw bad('its names are not names of system calls');
  const errnoRet = errno(rule.errnoRet, bad);
  const args = rule.args ?? [];
  if (!Array.isArray(args) || args.length > LAST_ARGUMENT + 1) throw bad('its `args` are not a list');
  const includes = condition(rule.includes, bad);
  const excludes = condition(rule.excludes, bad);
  return {
    names: names as string[],
    action: action(rule.action, 'action', bad),
    ...(errnoRet === undefined ? {} : { errnoRet }),
    ...(args.length > 0 ? { args: args.map((one) => argument(one, bad)) } : {}),
    ...(includes ? { includes } : {}),
    ...(excludes ? { excludes } : {}),
  };
}

function argument(value: unknown, bad: Bad): ProfileArgument {
  const { index, value: first, valueTwo = 0, op } = record(value) ?? {};
  const number = (one: unknown): one is number => typeof one === 'number' && Number.isSafeInteger(one) && one >= 0;
  if (!number(index) || index > LAST_ARGUMENT || !number(first) || !number(valueTwo)) {
    throw bad('an argument has no index from 0 to 5 or no value that is a whole number');
  }
  if (typeof op !== 'string' || !OPERATORS.includes(op)) throw bad(`${quote(op)} is no comparison of arguments`);
  return { index, value: first, valueTwo, op };
}

function condition(value: unknown, bad: Bad): ProfileCondition | null {
  if (value === undefined || value === null) return null;
  const { caps = [], arches = [], minKernel = '' } = record(value) ?? refuse(bad('a condition is not an object'));
  const list = (one: unknown): one is string[] => Array.isArray(one) && one.every((word) => typeof word === 'string');
  if (!list(caps ?? []) || !list(arches ?? []) || typeof minKernel !== 'string' || !/^(\d+\.\d+)?$/.test(minKernel)) {
    throw bad('a condition has something else than `caps`, `arches` and a `minKernel` like 4.8');
  }
  const found = {
    ...((caps as string[] | null)?.length ? { caps: caps as string[] } : {}),
    ...((arches as string[] | null)?.length ? { arches: arches as string[] } : {}),
    ...(minKernel ? { minKernel } : {}),
  };
  return Object.keys(found).length > 0 ? found : null;
}

function archMap(value: unknown, bad: Bad): NonNullable<Profile['archMap']> {
  if (!Array.isArray(value)) throw bad('its `archMap` is not a list');
  return value.map((entry) => {
    const { architecture, subArchitectures } = record(entry) ?? {};
    const [one] = architectures([architecture], bad);
    return { architecture: one as string, subArchitectures: architectures(subArchitectures ?? [], bad) };
  });
}

function architectures(value: unknown, bad: Bad): string[] {
  if (!Array.isArray(value) || !value.every((name) => /^SCMP_ARCH_[A-Z0-9_]{1,20}$/.test(String(name)))) {
    throw bad('it names a processor that is none');
  }
  return value as string[];
}

function action(value: unknown, field: string, bad: Bad): string {
  if (value === 'SCMP_ACT_NOTIFY')
    throw bad(`\`${field}\` asks another program (SCMP_ACT_NOTIFY), which is not possible`);
  if (typeof value === 'string' && ACTIONS.includes(value)) return value;
  throw bad(`its \`${field}\` is ${quote(value)}`);
}

function errno(value: unknown, bad: Bad): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_ERRNO) return value;
  throw bad(`${quote(value)} is no error number`);
}

function record(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

function refuse(error: GuesthouseError): never {
  throw error;
}

function quote(value: unknown): string {
  return (JSON.stringify(value) ?? 'missing').slice(0, 60);
}

function unusable(path: string, why: string): GuesthouseError {
  return new GuesthouseError({
    code: 'bad-data',
    message: `The seccomp profile ${path} cannot be used: ${why}.`,
    subject: path,
    hint: "It has the form of Docker's and Podman's seccomp.json.",
  });
}

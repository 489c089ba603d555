/**
 * Programs of a few instructions for the guest: a shell cannot call ioctl(2).
 *
 * `pty-number`: busybox as Debian builds it has nothing that opens a terminal (no
 * `script`). Standard input is a freshly opened /dev/ptmx; the program unlocks the
 * other end (TIOCSPTLCK) and ends with its number in /dev/pts (TIOCGPTN) as exit code, 255 when it cannot.
 * See decisions/0021.
 *
 * `reseed`: standard input is /dev/urandom, into which new randomness was written; its generator takes it up at once
 * (RNDRESEEDCRNG) instead of a minute later.
 *
 * `ioctls`: standard input is a file of requests, of each its number, its length (32 bits each) and its data, at most 64
 * KiB; they go to descriptor 3, one after the other. Ends with 0, or with the error number of the first that fails.
 */

/** Machine code by Node's name of the architecture, with what an assembler was given for it. */
const PTY_NUMBER: Readonly<Record<string, string>> = {
  x64: [
    '6a00', //         push 0
    '31ff', //         xor edi, edi
    'be31540440', //   mov esi, TIOCSPTLCK
    '4889e2', //       mov rdx, rsp
    '6a1058', //       mov eax, SYS_ioctl
    '0f05', //         syscall
    '85c07512', //     test eax, eax; jnz fail
    'be30540480', //   mov esi, TIOCGPTN
    '6a1058', //       mov eax, SYS_ioctl
    '0f05', //         syscall
    '85c07504', //     test eax, eax; jnz fail
    '8b3a', //         mov edi, [rdx]
    'eb05', //         jmp out
    'bfff000000', //   fail: mov edi, 255
    '6a3c58', //       out: mov eax, SYS_exit
    '0f05', //         syscall
  ].join(''),
  arm64: [
    'ff4300d1', //         sub sp, sp, 16
    'ff0300b9', //         str wzr, [sp]
    '000080d2', //         mov x0, 0
    '21868a528100a872', // mov w1, TIOCSPTLCK
    'e2030091', //         mov x2, sp
    'a80380d2', //         mov x8, SYS_ioctl
    '010000d4', //         svc 0
    'e0000035', //         cbnz w0, fail
    '01868a528100b072', // mov w1, TIOCGPTN
    '010000d4', //         svc 0
    '60000035', //         cbnz w0, fail
    'e00340b9', //         ldr w0, [sp]
    '02000014', //         b out
    'e01f8052', //         fail: mov w0, 255
    'a80b80d2', //         out: mov x8, SYS_exit
    '010000d4', //         svc 0
  ].join(''),
};
const RESEED: Readonly<Record<string, string>> = {
  x64: [
    '31ff', //       xor edi, edi
    'be07520000', // mov esi, RNDRESEEDCRNG
    '31d2', //       xor edx, edx
    '6a1058', //     mov eax, SYS_ioctl
    '0f05', //       syscall
    '89c7', //       mov edi, eax
    '6a3c58', //     mov eax, SYS_exit
    '0f05', //       syscall
  ].join(''),
  arm64: [
    '000080d2', // mov x0, 0
    'e1408a52', // mov w1, RNDRESEEDCRNG
    '020080d2', // mov x2, 0
    'a80380d2', // mov x8, SYS_ioctl
    '010000d4', // svc 0
    'a80b80d2', // mov x8, SYS_exit
    '010000d4', // svc 0
  ].join(''),
};
const IOCTLS: Readonly<Record<string, string>> = {
  x64: [
    '4881ec00000100', // sub rsp, 65536
    '31c0', //           next: xor eax, eax (SYS_read)
    '31ff', //           xor edi, edi
    '4889e6', //         mov rsi, rsp
    'ba08000000', //     mov edx, 8
    '0f05', //           syscall
    '83f808', //         cmp eax, 8
    '752b', //           jne done
    '8b1c24', //         mov ebx, [rsp]
    '8b542404', //       mov edx, [rsp+4]
    '31c0', //           xor eax, eax (SYS_read)
    '31ff', //           xor edi, edi
    '4889e6', //         mov rsi, rsp
    '0f05', //           syscall
    'bf03000000', //     mov edi, 3
    '89de', //           mov esi, ebx
    '4889e2', //         mov rdx, rsp
    'b810000000', //     mov eax, SYS_ioctl
    '0f05', //           syscall
    '85c0', //           test eax, eax
    '74c8', //           jz next
    'f7d8', //           neg eax
    '89c7', //           mov edi, eax
    'eb02', //           jmp out
    '31ff', //           done: xor edi, edi
    '6a3c58', //         out: mov eax, SYS_exit
    '0f05', //           syscall
  ].join(''),
};
/** ELF's numbers of the same (e_machine). */
const MACHINES: Readonly<Record<string, number>> = { x64: 62, arm64: 183 };
const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const LOADED_AT = 0x400000n;

export const ptyNumberProgram = (architecture: string) => program(PTY_NUMBER, architecture);
/** Ends with 0, or another code when it cannot. */
export const reseedProgram = (architecture: string) => program(RESEED, architecture);

export const ioctlsProgram = (architecture: string) => program(IOCTLS, architecture);

/** The whole program as an ELF file (elf(5)); null: nobody wrote it for this architecture. */
function program(codes: Readonly<Record<string, string>>, architecture: string): Buffer | null {
  const machine = MACHINES[architecture];
  const code = Buffer.from(codes[architecture] ?? '', 'hex');
  if (machine === undefined || code.length === 0) return null;
  const start = HEADER_BYTES + PROGRAM_HEADER_BYTES;
  const file = Buffer.alloc(start + code.length);
  file.write('\x7fELF\x02\x01\x01', 0, 'latin1'); // 64 bits, little-endian, version 1
  file.writeUInt16LE(2, 0x10); // an executable
  file.writeUInt16LE(machine, 0x12);
  file.writeUInt32LE(1, 0x14);
  file.writeBigUInt64LE(LOADED_AT + BigInt(start), 0x18); // entry
  file.writeBigUInt64LE(BigInt(HEADER_BYTES), 0x20); // program headers
  file.writeUInt16LE(HEADER_BYTES, 0x34);
  file.writeUInt16LE(PROGRAM_HEADER_BYTES, 0x36);
  file.writeUInt16LE(1, 0x38);
  const at = HEADER_BYTES;
  file.writeUInt32LE(1, at); // PT_LOAD
  file.writeUInt32LE(5, at + 4); // readable, executable
  file.writeBigUInt64LE(LOADED_AT, at + 16);
  file.writeBigUInt64LE(LOADED_AT, at + 24);
  file.writeBigUInt64LE(BigInt(file.length), at + 32);
  file.writeBigUInt64LE(BigInt(file.length), at + 40);
  file.writeBigUInt64LE(0x10000n, at + 48); // the largest page of either architecture
  code.copy(file, start);
  return file;
}

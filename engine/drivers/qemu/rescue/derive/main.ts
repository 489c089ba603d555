/** The program that derives one key (`derive.ts`): a request as JSON on standard input, the key in base64 on standard output. */
import * as crypto from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import type { DeriveRequest } from './derive.ts';

const { how, secret, bytes }: DeriveRequest = JSON.parse(readFileSync(0, 'utf8'));
const message = Buffer.from(secret, 'base64');
const salt = Buffer.from(how.salt, 'base64');
const key =
  how.kind === 'pbkdf2'
    ? crypto.pbkdf2Sync(message, salt, how.iterations, bytes, how.hash)
    : crypto.argon2Sync(how.kind, {
        message,
        nonce: salt,
        parallelism: how.lanes,
        tagLength: bytes,
        memory: how.memoryKib,
        passes: how.passes,
      });
writeSync(1, key.toString('base64'));

/** A home's own server, for benches: another process serves the window, as for a person. */
import { spawn } from 'node:child_process';
import { CLI, until } from '../../fixtures/home.ts';
import type { BenchContext } from '../harness.ts';
import type { BenchHome } from '../home.ts';

/** Answers the window's address, token and all. The home must have no owner in this process: see `BenchHome.leave`. */
export async function serve(context: BenchContext, home: BenchHome): Promise<string> {
  const served = spawn(process.execPath, [CLI, 'serve', '--json'], {
    env: home.env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const gone = new Promise((resolve) => served.once('exit', resolve));
  context.defer('the server', async () => {
    served.kill('SIGTERM');
    await gone;
  });
  let said = '';
  served.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const { url } = JSON.parse((await until(() => /^\{.*\}\n/m.exec(said)?.[0])) as string);
  return url;
}

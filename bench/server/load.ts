/**
 * The clients. autocannon sends the requests of a fixed rate in a burst each second, keeps latencies in whole
 * milliseconds and counts by the second, so the load is made here, with undici.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { NANOSECONDS } from '../support/units.js';

/** A request and what has to come back. */
export interface Expectation {
  readonly path: string;
  readonly body: Buffer;
}

/** As many requests at a time as a server in trouble gets; the others wait, and their clock runs. */
const CONNECTIONS = 64;
/** Requests at a time when flat out: enough that the server never waits for the next one. */
const CLIENTS = 8;

/** Clients of one server. */
export class Clients {
  readonly #pool: Pool;
  readonly #expectations: readonly Expectation[];

  constructor(origin: string, expectations: readonly Expectation[]) {
    this.#pool = new Pool(origin, { connections: CONNECTIONS, pipelining: 1 });
    this.#expectations = expectations;
  }

  /**
   * Sends requests at a fixed rate, whatever becomes of those before (open loop).
   *
   * @param rate - requests per second
   * @returns nanoseconds from when each request was due until the whole answer was there
   * @throws Error for an answer that is not as expected
   */
  async atRate(rate: number, seconds: number): Promise<number[]> {
    const interval = 1000 / rate;
    const count = Math.max(1, Math.round(rate * seconds));
    const start = performance.now() + interval;
    const answers: Promise<number>[] = [];
    for (let i = 0; i < count; i++) {
      const due = start + i * interval;
      const wait = due - performance.now();
      if (wait > 0) await sleep(wait);
      answers.push(
        this.#request(i).then(() => (performance.now() - due) * NANOSECONDS.perMillisecond),
      );
    }
    return Promise.all(answers);
  }

  /**
   * Each client sends its next request when the answer to the last one is there (closed loop).
   *
   * @returns how many requests were answered, and how many per second that is
   * @throws Error for an answer that is not as expected
   */
  async flatOut(seconds: number): Promise<{ answered: number; throughput: number }> {
    const start = performance.now();
    const end = start + 1000 * seconds;
    let answered = 0;
    let last = start;
    const client = async (first: number): Promise<void> => {
      for (let i = first; performance.now() < end; i += CLIENTS) {
        await this.#request(i);
        answered++;
        last = performance.now();
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, (_, i) => client(i)));
    return { answered, throughput: (1000 * answered) / (last - start) };
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #request(index: number): Promise<void> {
    const { path, body } = this.#expectations[index % this.#expectations.length] as Expectation;
    const answer = await fetchBody(this.#pool, path);
    if (!answer.equals(body)) {
      throw new Error(`Expected the ${body.length} bytes that plain Node gave for ${path}`);
    }
  }
}

/** What a server answers to each path. */
export async function askAll(origin: string, paths: readonly string[]): Promise<Expectation[]> {
  const pool = new Pool(origin);
  const bodies = await Promise.all(paths.map((path) => fetchBody(pool, path)));
  await pool.close();
  return paths.map((path, i) => ({ path, body: bodies[i] as Buffer }));
}

async function fetchBody(pool: Pool, path: string): Promise<Buffer> {
  const { statusCode, body } = await pool.request({ method: 'GET', path });
  const content = Buffer.from(await body.arrayBuffer());
  if (statusCode !== 200) throw new Error(`Expected status 200 for ${path} but got ${statusCode}`);
  return content;
}

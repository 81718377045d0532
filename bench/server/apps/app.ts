/** What a server does for a request. It knows nothing of arenas. */
export type Work = (request: number) => NodeJS.ArrayBufferView | string;

export interface App {
  /** As the tables call it. */
  readonly name: string;
  /** What it does for a request, for people. */
  readonly about: string;
  /** How many different requests there are: `/0`, `/1`, … */
  readonly requests: number;
  /** Loads the library, which has to happen after the package is loaded, and makes the inputs. */
  prepare(): Promise<Work>;
}

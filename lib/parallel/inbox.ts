import type { MessagePort } from 'node:worker_threads';

/** The messages of a port, one at a time. */
export class Inbox<Message> {
  readonly #messages: Message[] = [];
  #isClosed = false;
  #wake: () => void = () => {};

  constructor(port: MessagePort) {
    port.on('message', (message: Message) => {
      this.#messages.push(message);
      this.#wake();
    });
    port.on('close', () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  /** @returns the next message, when it has come; undefined when the port has been closed */
  async next(): Promise<Message | undefined> {
    while (this.#messages.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#messages.shift();
  }
}

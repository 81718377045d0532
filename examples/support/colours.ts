import pico from 'picocolors';

const { isTTY } = process.stdout;

/**
 * Colours on a terminal, or where `FORCE_COLOR` asks for them; none where `NO_COLOR` or
 * `TERM=dumb` says so. picocolors on its own would also colour every pipe and file in an
 * environment that has `CI` set.
 */
export const colours = pico.createColors(
  pico.isColorSupported && (isTTY || Boolean(process.env.FORCE_COLOR)),
);

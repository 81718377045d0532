import type { Unit } from '../comparison.js';
import type { Spread } from './spread.js';

const UNITS = ['B', 'KB', 'MB', 'GB'];

/** 1024 → `1 KB` */
export function formatBytes(bytes: number): string {
  const unit = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), UNITS.length - 1);
  return `${Number((bytes / 1024 ** unit).toFixed(1))} ${UNITS[unit]}`;
}

/** A time in the unit that suits it, three digits. */
export function formatNanoseconds(nanoseconds: number): string {
  if (nanoseconds < 1e3) return `${digits(nanoseconds)} ns`;
  if (nanoseconds < 1e6) return `${digits(nanoseconds / 1e3)} µs`;
  if (nanoseconds < 1e9) return `${digits(nanoseconds / 1e6)} ms`;
  return `${digits(nanoseconds / 1e9)} s`;
}

/** A figure of a comparison, with its unit. */
export function formatFigure(value: number, unit: Unit): string {
  switch (unit) {
    case 'ns':
      return formatNanoseconds(value);
    case 'bytes':
      return formatBytes(value);
    case 'per second':
      return `${digits(value)}/s`;
    case 'count':
      return digits(value);
  }
}

/** `4.12× (3.98–4.30)` */
export function formatRatio({ low, median, high }: Spread): string {
  return `${digits(median)}× (${digits(low)}–${digits(high)})`;
}

/** Three digits, none of them lost to an exponent. */
export function digits(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '∞';
  const whole = Math.max(Math.floor(Math.log10(Math.abs(value) || 1)), 0);
  return value.toFixed(Math.max(2 - whole, 0));
}

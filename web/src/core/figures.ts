/** Amounts, distances and times as people read them. */

import type { City } from "./api";

/** An amount with its symbol: ¥5.30, −¥0.40. */
export function money(amount: number, currency: City["currency"]): string {
  return `${amount < 0 ? "−" : ""}${currency.symbol}${major(Math.abs(amount), currency)}`;
}

/** An amount without symbol, for columns: 5.30, −0.40. */
export function bare(amount: number, currency: City["currency"]): string {
  return `${amount < 0 ? "−" : ""}${major(Math.abs(amount), currency)}`;
}

function major(amount: number, { minor_digits: digits }: City["currency"]): string {
  if (digits === 0) return String(amount);
  const text = String(amount).padStart(digits + 1, "0");
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** With its first letter large, as a row or a sentence begins. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export const kilograms = (grams: number): string => (grams / 1000).toFixed(1);
export const kilometres = (metres: number): string => (metres / 1000).toFixed(1);

/** The time of day of an ISO moment, on the clock that wrote it. */
export const clockTime = (iso: string): string => iso.slice(11, 19);
export const clockMinute = (iso: string): string => iso.slice(11, 16);
export const dayAndMinute = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)}`;

export function minutesBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 60_000);
}

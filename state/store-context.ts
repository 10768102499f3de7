import type { Engine } from './engine.ts';

/** What every store works with. */
export interface StoreContext {
  readonly engine: Engine;
  /** The time now as ISO text in UTC. */
  now(): string;
}

/** JSON text of a column that may be null. */
export function jsonOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

/** The value of a JSON column written by this room; null stays null. */
export function fromJson<T>(text: string): T;
export function fromJson<T>(text: string | null): T | null;
export function fromJson<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T);
}

/** Logins compare in lower case; folded here, since the engines fold letters differently. */
export function loginKey(userName: string): string {
  return userName.toLowerCase();
}

import type { Colleague } from './staff-directory.ts';

/** The first so many of a crowd are managers of the others. */
const MANAGERS = 5;

/** `count` made-up people `agent001`…, each with everything the shipped mapping takes, in two waves. */
export function crowd(count: number): Colleague[] {
  return Array.from({ length: count }, (_, index) => {
    const login = loginOf(index + 1);
    return {
      login,
      name: `Agent ${index + 1}`,
      title: 'Agent',
      department: `Team ${index % 7}`,
      number: String(10_000 + index),
      ...(index < MANAGERS ? {} : { manager: loginOf((index % MANAGERS) + 1) }),
    };
  });
}

export function loginOf(n: number): string {
  return `agent${String(n).padStart(3, '0')}`;
}

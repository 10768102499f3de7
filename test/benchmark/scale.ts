import type { ScaleArguments } from './arguments.ts';
import type { Finding } from './finding.ts';
export function measureScale(_: ScaleArguments): Promise<Finding> {
  return Promise.reject(new Error('not yet'));
}

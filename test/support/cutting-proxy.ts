import net from 'node:net';

/** Passes connections on until it is told to cut; what goes through stays encrypted end to end. */
export interface CuttingProxy {
  port: number;
  /** After so many more bytes from the server every connection ends, and each new one at once, until `mend`. */
  cutAfter(bytes: number, then: () => void): void;
  mend(): void;
  stop(): Promise<void>;
}

export async function startCuttingProxy(targetPort: number): Promise<CuttingProxy> {
  let left = Infinity;
  let onCut = (): void => undefined;
  const open = new Set<net.Socket>();
  const cut = (): void => {
    for (const socket of open) socket.destroy();
    onCut();
  };
  const server = net.createServer((client) => {
    if (left <= 0) {
      client.destroy();
      return;
    }
    const upstream = net.connect(targetPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      socket.on('error', () => socket.destroy());
    }
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    client.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      if (left <= 0) return;
      left -= chunk.length;
      if (left > 0) client.write(chunk);
      else cut();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    cutAfter: (bytes, then) => {
      left = bytes;
      onCut = then;
    },
    mend: () => {
      left = Infinity;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

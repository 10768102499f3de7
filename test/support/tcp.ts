import net from 'node:net';

export interface Listener {
  url: string;
  close(): Promise<void>;
}

/** Takes connections and never says a word. */
export function listenSilently(): Promise<Listener> {
  return serve('ldaps', () => {});
}

/** Hands bytes on in both directions and cuts the connection after so many of the server's. */
export function proxyTo(port: number, bytes: number): Promise<Listener> {
  return serve('ldap', (socket) => {
    const server = net.connect(port, '127.0.0.1');
    let left = bytes;
    socket.on('data', (data) => server.write(data));
    server.on('data', (data) => {
      socket.write(data);
      left -= data.length;
      if (left < 0) socket.destroy();
    });
    server.on('error', () => socket.destroy());
    socket.on('close', () => server.destroy());
  });
}

async function serve(scheme: string, take: (socket: net.Socket) => void): Promise<Listener> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    take(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `${scheme}://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

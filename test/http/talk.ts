import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import type { Service } from './service.ts';

/** Sends bytes as they are, and gives everything that comes back. */
export async function talk({ app }: Service, bytes: string): Promise<string> {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  let answer = '';
  socket.on('data', (data) => {
    answer += data;
  });
  socket.write(bytes);
  await once(socket, 'close');
  return answer;
}

export const statusIn = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);

export const bodyIn = (answer: string) => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));

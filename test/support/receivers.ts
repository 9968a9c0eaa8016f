/** Entry of a process of receivers: argv is the server's URL, the stream and how many. Prints a line of JSON each second. */
import { openReceiver, type WhepReceiver } from './whep-receiver.ts';

const [server = '', stream = '', count = '1'] = process.argv.slice(2);
const counters = { packets: 0, bytes: 0 };
const peers: WhepReceiver[] = [];
for (let i = 0; i < Number(count); i++) {
  peers.push(
    await openReceiver(server, stream, (packet) => {
      counters.packets += 1;
      counters.bytes += packet.length;
    }),
  );
}
process.stdout.write(`${JSON.stringify({ ready: peers.length })}\n`);
setInterval(() => process.stdout.write(`${JSON.stringify(counters)}\n`), 1000);
process.once('SIGTERM', () => {
  for (const peer of peers) peer.close();
  process.exit(0);
});

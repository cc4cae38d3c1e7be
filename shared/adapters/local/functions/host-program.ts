// Runs inside a thread or a child process: carries out the calls of one bundle, as long as the pool has not taken them back.
import { FunctionHost } from "../../../functions/function-host.ts";
import { openChannel } from "./channel.ts";
import { LocalPlace } from "./local-place.ts";
import type { TicketedCall } from "./messages.ts";

/** So many attempts that ended may still say something. */
const REMEMBERED = 100;

delete process.env.NODE_COMPILE_CACHE;
const channel = openChannel();
const host = new FunctionHost({
  bundle: channel.data.bundle,
  remembered: REMEMBERED,
  placeOf: (call) => new LocalPlace(channel.data.dataDir, call),
  tell: (news) => channel.tell(news),
});
const mailbox: TicketedCall[] = [];
let isBusy = false;

channel.listen((message) => {
  if ("stop" in message) return host.stop(message.stop);
  mailbox.push(...message.calls);
  if (!isBusy) void work();
});

async function work(): Promise<void> {
  isBusy = true;
  for (let call = mailbox.shift(); call && !host.isDying; call = mailbox.shift()) if (channel.begin(call.ticket)) await host.attend(call);
  isBusy = false;
}

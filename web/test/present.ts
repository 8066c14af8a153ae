/** For the tests in Python: codes of the phone's core, one for each JSON line of the input. */

import { fromHex, toHex } from "../src/core/bytes";
import { present } from "../src/core/code";
import { KeyPair, type Entropy } from "../src/core/sm2";

declare const process: {
  stdin: AsyncIterable<{ toString(): string }>;
  stdout: { write(text: string): void };
};

let input = "";
for await (const chunk of process.stdin) input += chunk.toString();
for (const line of input.trim().split("\n")) {
  const { key, authorisation, now } = JSON.parse(line);
  const entropy = (bytes: Uint8Array<ArrayBuffer>): Uint8Array => crypto.getRandomValues(bytes);
  const phone = new KeyPair(fromHex(key));
  const { bytes } = present(fromHex(authorisation), phone, now, entropy as Entropy);
  process.stdout.write(`${JSON.stringify({ code: toHex(bytes) })}\n`);
}

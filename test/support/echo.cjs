// Sends a message of its parent back, and an array of its own from an arena.
const { arena, isArenaArray } = require('arena-pirate');

process.once('message', (received) => {
  arena.sync(() => {
    new Uint8Array(500).fill(0xee);
    const bytes = new Uint8Array(1000).fill(7);
    const own = { captured: isArenaArray(bytes), length: bytes.length, bytes };
    process.send({ received, own }, () => process.disconnect());
  });
});

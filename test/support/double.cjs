// A task of a pool's own, run by piscina without arena-pirate.
module.exports = (n) => 2 * n;

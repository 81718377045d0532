/**
 * Whether arenas serve `new ArrayBuffer(bytes)` here. From Node 26 on no function of JavaScript can
 * stand in for that constructor, which is left as it is.
 */
export const SERVES_ARRAY_BUFFERS = Number(process.versions.node.split('.')[0]) < 26;

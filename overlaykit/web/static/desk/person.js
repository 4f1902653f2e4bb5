// Who did something.

/** The name in the source of an entry, desk:小王, without the way by which it came. */
export const person = (source) => source.replace(/^\w+:/, "");

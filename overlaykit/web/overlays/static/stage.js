/** `live` while a frame changes a picture that was already current: only then may what appears or goes make a scene. */
export const stage = { live: false };

// Rules of the server that scripts go by too: made by `python -m app.assets.payload_types`, not to be edited.

/** The dialplan's limit (SIAGA_GATE_FUSE_S), in seconds: later than this a caller is in the queue, told or not. */
export const GATE_LIMIT_S = 40;

/** With these a ticket can be closed whose agencies are still under way. */
export const CALLING_OFF = ["cancelled", "duplicate"];

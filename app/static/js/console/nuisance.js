// What a call can be set aside as with one key.

/** @typedef {import("./types.d.ts").Nuisance} Nuisance */

/** @type {Nuisance[]} */
export const NUISANCE = ["prank", "ghost", "information", "wrong_number", "dropped"];

/**
 * The one that a word names, such as a command of the key map or a button's data.
 * @param {string | null | undefined} word
 */
export const nuisanceOf = (word) => NUISANCE.find((kind) => kind === word) ?? null;

/**
 * What nobody sees, as part of a class of a regular expression: control and format characters, bidirectional ones among them,
 * halves of surrogate pairs, and whatever Unicode has ignored by default, such as fillers, tags and variation selectors; the
 * blank of braille and the object replacement character.
 */
export const HIDDEN = String.raw`\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800\uFFFC`;

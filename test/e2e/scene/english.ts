/** Words that only the English window has. */
export const ENGLISH = /\b(the|and|not|with|from|this|its|Settings|Search|Guests|Running|Memory|Delete|Cancel)\b/;

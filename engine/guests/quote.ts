/** A hostile string in a message stays one short line. */
export function quote(text: string, most = 60): string {
  const short = text.length > most ? `${text.slice(0, most - 3)}...` : text;
  return JSON.stringify(short);
}

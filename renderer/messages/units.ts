/** The few words that stand beside numbers; format.ts puts them together. Unit symbols are international and stay. */
export const units = {
  bytes: (n: string): string => `${n} bytes`,
  justNow: 'just now',
  ago: (span: string): string => `${span} ago`,
};

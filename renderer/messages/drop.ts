/** Text for files that are dropped onto the window. */
export const drop = {
  onWindow: 'Drop to make a guest from it',
  onWindowHint: 'An ISO, a disk (qcow2, raw, VMDK, VDI, VHD), an image archive, an OVA or a compose file',
  onGuest: (name: string): string => `Drop to copy into ${name}`,
  onGuestHint: 'Its folder is asked for next',
  into: {
    title: (files: string, guest: string): string => `Copy ${files} into ${guest}`,
    folder: 'Folder in the guest',
    yes: 'Copy',
    done: (files: string, count: number, guest: string, folder: string): string =>
      `${files} ${count === 1 ? 'is' : 'are'} in ${guest}, in ${folder}.`,
  },
  show: 'Show files',
  unknown: (name: string): string =>
    `No guest can be made from ${name}. Drop an ISO, a disk, an image archive or an OVA; or drop it on a guest to copy it there.`,
  folder: (name: string, guest: string | null): string =>
    guest === null
      ? `${name} is a folder, of which a window gets no path. Choose it on New guest, under Folder.`
      : `${name} is a folder; here files are copied one by one. \`guesthouse cp FOLDER ${guest}:/PLACE\` copies all of it.`,
  busy: (name: string): string => `${name} is still on its way; one after the other.`,
};

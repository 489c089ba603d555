/** Text of first login in New guest. */
export const firstLogin = {
  title: 'First login',
  titleHint: 'for cloud images',
  on: 'Tell the system who may log in (cloud-init)',
  offHint: 'A cloud image has no password of its own. A disk with an installed system needs nothing here.',
  user: 'User',
  userPlaceholder: 'the image’s own, such as debian or ubuntu',
  password: 'Password',
  passwordHint: 'Only its hash is kept.',
  keys: 'SSH keys',
  keyEach: 'Public key',
  addKey: 'Add key',
  removeKey: 'Remove key',
  disk: 'Disk',
  growDisk: 'grow the file system to the whole disk',
  userData: 'User data',
  userDataHint: 'Your own, for those who know cloud-init. It goes before what is said above.',
};

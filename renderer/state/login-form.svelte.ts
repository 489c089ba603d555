/** First login as it stands in New guest. */
import type { FirstLoginWish } from '../../engine/contract/index.ts';

export class LoginForm {
  on = $state(false);
  user = $state('');
  password = $state('');
  keys = $state<string[]>(['']);
  growDisk = $state(true);
  userData = $state('');

  clear(): void {
    this.on = false;
    this.user = this.password = this.userData = '';
    this.keys = [''];
    this.growDisk = true;
  }

  /** null: none is wished. */
  wish(): FirstLoginWish | null {
    if (!this.on) return null;
    return {
      user: this.user.trim() || null,
      ...(this.password === '' ? {} : { password: this.password }),
      sshKeys: this.keys.map((key) => key.trim()).filter((key) => key !== ''),
      growDisk: this.growDisk,
      userData: this.userData.trim() === '' ? null : this.userData,
    };
  }
}

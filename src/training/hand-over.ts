/** The reason of an abort that asks for a checkpoint first, in the middle of an epoch if need be: another process goes on from it. */
export class HandOver extends Error {
  constructor() {
    super('training was handed over');
    this.name = 'HandOver';
  }
}

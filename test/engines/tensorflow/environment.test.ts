import { expect, it } from 'vitest';
import { tensorflowEnvironment } from '../../../src/engines/tensorflow/environment.ts';

it('puts the folders of the CUDA libraries before the inherited ones', () => {
  expect(tensorflowEnvironment(['/cuda', '/cudnn'], '/usr/lib')).toMatchObject({ LD_LIBRARY_PATH: '/cuda:/cudnn:/usr/lib' });
  expect(tensorflowEnvironment(['/cuda'], undefined)).toMatchObject({ LD_LIBRARY_PATH: '/cuda' });
});

it('leaves the library path alone when there is nothing to add', () => {
  expect(tensorflowEnvironment([], '/usr/lib')).not.toHaveProperty('LD_LIBRARY_PATH');
});

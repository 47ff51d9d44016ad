import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    pool: 'forks',
    // TensorFlow's own remarks, which it writes past every logger.
    env: { TF_CPP_MIN_LOG_LEVEL: '3' },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One more than the two cores that this is made for: many tests wait for what they did to a process to show.
    maxWorkers: 3,
  },
});

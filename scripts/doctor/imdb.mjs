import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const imdb = {
  name: 'imdb.npz',
  needed: 'the file that Keras publishes, for jobs with the data source imdb (imdb-mini needs none)',
  optional: true,
  inspect: (ctx) => {
    const path = ctx.env.EPOCHD_IMDB_PATH || join(ctx.cache, 'imdb.npz');
    const ok = existsSync(path);
    return { ok, found: ok ? path : `not at ${path}; downloaded when a job asks for it` };
  },
  mend: () => 'export EPOCHD_IMDB_PATH=/path/to/imdb.npz',
};

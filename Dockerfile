# Three images: --target api (no TensorFlow), worker (CPU) and worker-cuda (NVIDIA GPU).

FROM node:20-bookworm-slim AS packages
WORKDIR /epochd
COPY package.json package-lock.json .npmrc ./
COPY scripts scripts
COPY core core
RUN node scripts/setup.mjs --no-build --no-core --no-redis

FROM packages AS core
RUN apt-get update && apt-get install -y --no-install-recommends g++ && rm -rf /var/lib/apt/lists/*
RUN node core/build.mjs

FROM packages AS build
COPY tsconfig.json ./
COPY src src
RUN npm run build

# tfjs-node's JavaScript is of no use without the TensorFlow that the workers have.
FROM packages AS packages-api
RUN npm prune --omit=dev && rm -r node_modules/@tensorflow

# The binding names the folder of the library, so that folder is the same in the image that is run.
FROM packages AS packages-cpu
ENV EPOCHD_CACHE_DIR=/opt/epochd
RUN node scripts/setup.mjs --no-build --no-core --no-redis --tensorflow=cpu && npm prune --omit=dev

FROM packages AS packages-cuda
ENV EPOCHD_CACHE_DIR=/opt/epochd
RUN node scripts/setup.mjs --no-build --no-core --no-redis --tensorflow=cuda && npm prune --omit=dev

# tini hands SIGTERM on and reaps, so that a stopping worker hands its training over.
FROM node:20-bookworm-slim AS runtime
RUN apt-get update && apt-get install -y --no-install-recommends tini && rm -rf /var/lib/apt/lists/*
WORKDIR /epochd
RUN mkdir /data && chown node:node /data
ENV NODE_ENV=production EPOCHD_DATA_DIR=/data
COPY package.json package-lock.json ./
COPY scripts scripts
COPY assets assets
COPY --from=build /epochd/dist dist
USER node
VOLUME /data
ENTRYPOINT ["tini", "--", "node", "dist/main.js"]

FROM runtime AS api
COPY --from=packages-api /epochd/node_modules node_modules
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "scripts/health.mjs", "api"]
CMD ["api"]

FROM runtime AS worker
ENV EPOCHD_CACHE_DIR=/opt/epochd
COPY --from=packages-cpu --chown=node:node /opt/epochd /opt/epochd
COPY --from=packages-cpu /epochd/node_modules node_modules
COPY --from=core /epochd/core core
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "scripts/health.mjs", "worker"]
CMD ["worker"]

FROM runtime AS worker-cuda
ENV EPOCHD_CACHE_DIR=/opt/epochd NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
COPY --from=packages-cuda --chown=node:node /opt/epochd /opt/epochd
COPY --from=packages-cuda /epochd/node_modules node_modules
COPY --from=core /epochd/core core
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "scripts/health.mjs", "worker"]
CMD ["worker"]

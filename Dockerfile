# The worker, and the commands: `docker run ffhq worker`, `docker run ffhq start --images`.
# Debian and not Alpine: the Temporal SDK's native part is linked with glibc.
FROM node:22.23.2-bookworm-slim@sha256:d649c27dae7ba0137b3cef5dd75baa422c08dc3d9e3fc0c23dfb172dc3cc6436 AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No install scripts: the native parts come prebuilt, and the project's own build needs the sources.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY tools/build.mjs tools/build-kernels.mjs tools/
COPY assembly assembly
COPY types types
COPY bin bin
COPY src src
RUN npm run build
# The SDK carries five platforms' native parts and the Rust sources; one part is used.
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
  && target="$(node -p "({ x64: 'x86_64', arm64: 'aarch64' })[process.arch] + '-unknown-linux-gnu'")" \
  && cd node_modules/@temporalio/core-bridge \
  && test -f "releases/$target/index.node" \
  && find releases -mindepth 1 -maxdepth 1 ! -name "$target" -exec rm -r {} + \
  && rm -rf sdk-core src bridge-macros Cargo.toml Cargo.lock

FROM node:22.23.2-bookworm-slim@sha256:d649c27dae7ba0137b3cef5dd75baa422c08dc3d9e3fc0c23dfb172dc3cc6436
# For TLS to a Temporal server: the SDK trusts what the system trusts.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/* \
  && mkdir /data \
  && chown node:node /data
ENV NODE_ENV=production
# As npm installs a package for all: its name is on the PATH, and its hints name commands by it.
COPY --from=build /app /usr/local/lib/node_modules/ffhq-temporal
RUN ln -s ../lib/node_modules/ffhq-temporal/bin/ffhq.js /usr/local/bin/ffhq
USER node
# The dataset's folder, and so the default of --out.
WORKDIR /data
ENTRYPOINT ["ffhq"]
CMD ["worker"]

# sandbox-agent in a container: docker build -t sandbox-agent . && docker run --rm -p 2468:2468 \
#   -e SANDBOX_AGENT_TOKEN=... -e ANTHROPIC_API_KEY=... sandbox-agent
# Pin the base images by digest: --build-arg NODE_IMAGE=node@sha256:... --build-arg DEBIAN_IMAGE=...
ARG NODE_IMAGE=node:24-bookworm-slim
ARG DEBIAN_IMAGE=debian:bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
# Of all install scripts only the one of Bun runs. It puts the compiler in its place.
RUN npm ci --ignore-scripts && node node_modules/bun/install.js
COPY tsconfig.json ./
COPY scripts scripts
COPY src src
RUN name="linux-$(node -p process.arch)" \
  && npm run executable -- "$name" \
  && mv "build/sandbox-agent-$name" build/sandbox-agent

FROM ${DEBIAN_IMAGE}
# What agents expect of a machine to work on; tini reaps the processes that nobody waits for.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates curl git tini \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --create-home --uid 1000 agent \
  && install -d -o 1000 -g 1000 /workspace
COPY --from=build /src/build/sandbox-agent /usr/local/bin/sandbox-agent
USER 1000
WORKDIR /workspace
# Agents ask root for more; here is a sandbox all the same.
ENV IS_SANDBOX=1
EXPOSE 2468
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:2468/v1/health"]
ENTRYPOINT ["tini", "--", "sandbox-agent"]
CMD ["server", "--host", "0.0.0.0"]

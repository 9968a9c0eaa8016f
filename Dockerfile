# A server in an image: docker compose up, or see docs/install.md. It carries out the same scripts as a checkout does.
#
# The base of both stages is Debian 12. For NVENC and NVDEC an image needs no libraries of its own: NVIDIA's container toolkit puts
# those of the host's driver into the container, when NVIDIA_DRIVER_CAPABILITIES names `video`. An image of CUDA would add gigabytes
# that only detection on the GPU could use; that runs on the CPU here.

FROM node:24-bookworm-slim AS build
ENV FRAMELOCK_CACHE_DIR=/cache
WORKDIR /build

# What takes long and changes rarely comes first: packages, and the worker with Debian's compilers where none can be downloaded.
COPY package.json package-lock.json .npmrc ./
COPY scripts scripts
RUN node scripts/setup.mjs --only packages,worker

COPY LICENSE ./
COPY bin bin
COPY client client
COPY models models
COPY src src
RUN node scripts/assemble.mjs /app


FROM debian:bookworm-slim
# The worker's libraries, fonts for labels, and certificates for what the server downloads or reads from others.
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      ca-certificates fontconfig fonts-dejavu-core fonts-noto-cjk \
      libabsl20220623 libsrtp2-1 libssl3 libstdc++6 libuv1 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --user-group --create-home framelock \
 && install -d -o framelock -g framelock /data /media
COPY --from=build /app /app

ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility,video \
    NODE_ENV=production \
    MEDIASOUP_WORKER_BIN=/app/libexec/mediasoup-worker \
    FRAMELOCK_HTTP_HOST=0.0.0.0 \
    FRAMELOCK_HTTP_PORT=8080 \
    FRAMELOCK_RTMP_PORT=1935 \
    FRAMELOCK_WEBRTC_PORT=8189 \
    FRAMELOCK_DATA_DIR=/data \
    FRAMELOCK_MEDIA_ROOTS=/media
USER framelock
WORKDIR /app
VOLUME /data
# Pages, API and signalling; RTMP; media. The server does not start without FRAMELOCK_TOKEN, since others can reach it here.
EXPOSE 8080/tcp 1935/tcp 8189/tcp 8189/udp
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["/app/node_modules/.bin/node", "-e", "fetch(`http://127.0.0.1:${process.env.FRAMELOCK_HTTP_PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/app/node_modules/.bin/node", "/app/src/main.ts"]

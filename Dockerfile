# syntax=docker/dockerfile:1

# What runs in the browser: the Go program embeds web/page/dist.
FROM node:20-bookworm-slim AS scripts
WORKDIR /src/web/scripts
COPY web/scripts/package.json web/scripts/package-lock.json web/scripts/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY web/scripts ./
COPY web/page/dist ../page/dist
RUN npm run build

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=scripts /src/web/page/dist web/page/dist
# Static, so that the last stage needs no C library of the build's age.
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /clipcase ./cmd/clipcase

FROM debian:12-slim
# redis-server is for the private Redis when REDIS_URL is not set; compose sets it.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      ca-certificates tzdata \
      ffmpeg gifsicle libheif-examples \
      tesseract-ocr tesseract-ocr-chi-sim \
      fontconfig fonts-noto-cjk fonts-wqy-microhei \
      redis-server \
 && rm -rf /var/lib/apt/lists/* \
 && fc-cache -f \
 && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin clipcase \
 && install -d -o clipcase -g clipcase -m 0700 /data
COPY --from=build /clipcase /usr/local/bin/clipcase
USER 10001:10001
ENV DATA_DIR=/data \
    LISTEN_ADDR=0.0.0.0:8080 \
    ACCESS=invite \
    PUBLIC_URL=http://localhost:8080 \
    TMPDIR=/data
VOLUME /data
EXPOSE 8080
# PUBLIC_URL: pages answer to this name alone; a server with https in front has its own.
# The root file system may be read-only: all writing is below /data.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=4 \
  CMD ["/usr/local/bin/clipcase", "doctor", "--live"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/clipcase"]
CMD ["serve"]

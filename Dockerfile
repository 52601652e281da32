# The product as a small image: one native binary, no .NET runtime, no compiler, not root, no secret.
# Build: docker build -t lexcustis .      What runs beside it: compose.yaml

FROM node:20-bookworm-slim AS web
ENV NEXT_TELEMETRY_DISABLED=1
WORKDIR /source
COPY . .
RUN scripts/web build

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS sdk

# A native binary needs the C library it was linked with, or a newer one: so it is linked on the release that it runs on,
# which the SDK's own image is not.
FROM debian:12-slim AS build
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates gcc libc6-dev libssl3 libstdc++6 zlib1g-dev \
 && rm -rf /var/lib/apt/lists/*
COPY --from=sdk /usr/share/dotnet /usr/share/dotnet
ENV PATH=/usr/share/dotnet:$PATH \
    DOTNET_CLI_TELEMETRY_OPTOUT=1 \
    DOTNET_NOLOGO=1 \
    DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
WORKDIR /source
COPY . .
COPY --from=web /source/artifacts /source/artifacts
RUN scripts/build

FROM debian:12-slim
# TLS to PostgreSQL, Redis and the model's provider; pdftotext, and the sandbox that it runs in where the engine lets it (docs/documents.md).
RUN apt-get update \
 && apt-get install --yes --no-install-recommends bubblewrap ca-certificates libssl3 poppler-utils \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin lexcustis \
 && install -d -o lexcustis -g lexcustis -m 700 /var/lib/lexcustis/checkpoints
COPY --from=build /source/dist /opt/lexcustis
USER 10001:10001
# Signed checkpoints of the audit log: keep this volume apart from the database that they vouch for.
VOLUME /var/lib/lexcustis/checkpoints
ENV LEXCUSTIS_URLS=http://0.0.0.0:8080 \
    LEXCUSTIS_CHECKPOINT_DIR=/var/lib/lexcustis/checkpoints
EXPOSE 8080
# No curl in the image: bash speaks the one line of HTTP that this takes.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["bash", "-c", \
  "exec 3<>/dev/tcp/127.0.0.1/8080; printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3; read -r _ status _ <&3; [[ $status == 200 ]]"]
ENTRYPOINT ["/opt/lexcustis/lexcustis"]

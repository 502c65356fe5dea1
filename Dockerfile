# Countersign in one process, for development, demos and tests on one machine. It is not for
# production: the master key lies beside the data, and there is one process. See README.md.

# The version of rust-toolchain.toml, on a C library that is older than that of the last image.
FROM rust:1.95.0-bookworm@sha256:6258907abe69656e41cd992e0b705cdcfabcbbe3db374f92ed2d47121282d4a1 AS build
WORKDIR /src
# The image's own toolchain, without the components for development that the file asks for.
ENV RUSTUP_TOOLCHAIN=1.95.0
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --package countersign \
    && install -D target/release/countersign /image/usr/local/bin/countersign \
    && install -d -m 0700 /image/data

# No shell, no package manager, not root.
FROM gcr.io/distroless/cc-debian13:nonroot@sha256:e792ab3d241a468a4fd7519ddbbebe66b49b5f365771716ea688ad40b6c6f1c2
COPY --from=build /image/usr/local/bin/countersign /usr/local/bin/countersign
COPY --from=build --chown=65532:65532 /image/data /data
ENV COUNTERSIGN_LISTEN=0.0.0.0:8787 \
    COUNTERSIGN_DATA=/data \
    COUNTERSIGN_PUBLIC_URL=http://localhost:8787
USER 65532:65532
VOLUME ["/data"]
EXPOSE 8787
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 \
    CMD ["/usr/local/bin/countersign", "health"]
ENTRYPOINT ["/usr/local/bin/countersign"]
CMD ["serve"]

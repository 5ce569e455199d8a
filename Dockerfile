# The lab in a box: the course, JupyterLab and the Go kernel. docs/image.md says how to run it.
#
# Build arguments, none of which leaves a trace in the image:
#   BASE             another base, by digest or from a registry nearby
#   SNAPSHOT         the day of Debian's packages, which are taken from Debian's archive of its past
#   MIRROR, SECURITY a Debian mirror instead, as it is today
#   GOPROXY, GOSUMDB where Go modules come from, if not from where Go takes them by itself
#   PIP_INDEX_URL    where Python packages come from: those that write the list of what is in the image
#   NPM_REGISTRY     where npm's packages come from: those that the site is made with
#   SSL_CERT_FILE    certificates that are mounted during the build, where a proxy has its own
#   SITE             built: the course's site is built here, with what runs cells in a browser, which takes most of the build's time;
#                    ready: it is taken from a folder (--build-context ready=.lab/site, after make serve-site); none: left out
ARG BASE=debian:trixie-slim
ARG SITE=built

# Where packages come from, in a stage of its own, since an image's history shows its build arguments.
FROM ${BASE} AS mirrors
ARG SNAPSHOT=20261127T000000Z
ARG MIRROR
ARG SECURITY
RUN mkdir /mirrors && printf 'SNAPSHOT=%s\nMIRROR=%s\nSECURITY=%s\n' "$SNAPSHOT" "$MIRROR" "$SECURITY" >/mirrors/env

# What runs: JupyterLab without the tools that build its front end, and Go without its tests.
FROM ${BASE} AS system
COPY tools/image/build/system.sh /tmp/
RUN --mount=type=bind,from=mirrors,source=/mirrors,target=/mnt sh /tmp/system.sh
ENV PATH=/opt/descent/bin:/usr/lib/go-1.26/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/home/learner \
    LANG=C.UTF-8 \
    CGO_ENABLED=0 \
    GOFLAGS=-buildvcs=false \
    GOMODCACHE=/opt/descent/mod \
    GOTOOLCHAIN=local \
    JUPYTER_CONFIG_PATH=/opt/descent/etc \
    JUPYTER_PATH=/opt/descent/jupyter \
    JUPYTER_PLATFORM_DIRS=0 \
    PYTHONDONTWRITEBYTECODE=1

# A list of Debian's packages, by a program that the image does not have.
FROM system AS bill
ARG PIP_INDEX_URL
ARG SSL_CERT_FILE
COPY tools/image/bill /tmp/bill
# (Not a mount: where everything before comes from the cache, Debian's Podman does not find it.)
COPY --from=mirrors /mirrors /mnt
RUN PIP_CERT="$SSL_CERT_FILE" sh /tmp/bill/debian.sh

# The course's site, whose compiler is made of Go's own sources. Only the one that SITE names is built.
FROM ${BASE} AS site-none
RUN mkdir /site

FROM ${BASE} AS site-ready
COPY --from=ready / /site
RUN chmod -R go-w,a+rX /site

FROM system AS site-built
ARG GOPROXY
ARG GOSUMDB
ARG NPM_REGISTRY
ARG SSL_CERT_FILE
COPY --from=mirrors /mirrors /mnt
COPY tools/image/build/site.sh /tmp/
RUN sh /tmp/site.sh tools
COPY . /course
RUN sh /tmp/site.sh build

FROM site-${SITE} AS site

# What is built: the kernel and its tools, the course's modules, the warm build cache.
FROM system AS build
ARG GOPROXY
ARG GOSUMDB
ARG SSL_CERT_FILE
COPY tools/kernel /tmp/tools/kernel
COPY tools/gopls /tmp/tools/gopls
COPY tools/image/bill /tmp/bill
COPY go.mod go.sum /tmp/
COPY internal /tmp/internal
COPY tools/image/build/tools.sh /tmp/
RUN sh /tmp/tools.sh
COPY --from=bill /bill /bill
COPY . /course
ARG VERSION=unreleased
RUN sh /course/tools/image/build/course.sh

FROM system
COPY --from=build --chown=0:0 /opt/descent /opt/descent
COPY --from=site --chown=0:0 /site /opt/descent/site
COPY --from=build --chown=0:0 /course /course
# The work folder. Group 0, so that it can be written to under any user id (docker run --user).
COPY --from=build --chown=1000:0 /writable /course
WORKDIR /course/notebooks
USER 1000:0
EXPOSE 8888
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD ["healthcheck"]
ENTRYPOINT ["tini", "-g", "--", "start"]
CMD ["serve"]
ARG VERSION=unreleased
ARG REVISION=unknown
ARG CREATED=
LABEL org.opencontainers.image.title="Descent" \
      org.opencontainers.image.description="A course on training and optimising models, in Go: JupyterLab, the Go kernel, the notebooks and the library, for classrooms without a network" \
      org.opencontainers.image.url="https://github.com/descent-go/descent" \
      org.opencontainers.image.source="https://github.com/descent-go/descent" \
      org.opencontainers.image.documentation="https://github.com/descent-go/descent/blob/main/docs/image.md" \
      org.opencontainers.image.licenses="MIT AND CC-BY-4.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$CREATED"

# The image was not built where this project is tested: there is no container engine there.
# Instead tests/test_setup_files.py runs these COPY, RUN and CMD lines, in this order, in an empty
# folder, and asks the health check. What it leaves out are the base images and the user.
#
#   docker build -t jemput-bola .
#   docker run -p 8000:8000 -v jemput-bola:/data jemput-bola     # its log has the first sign-in link

ARG PYTHON_VERSION=3.11

FROM node:24-bookworm-slim AS web
WORKDIR /srv/jemput-bola
COPY app/web/package.json app/web/package-lock.json app/web/
RUN cd app/web && npm ci --no-audit --no-fund
COPY app/web app/web
RUN cd app/web && npm run build

FROM python:${PYTHON_VERSION}-slim-bookworm AS build
WORKDIR /srv/jemput-bola
COPY requirements requirements
RUN python -m venv .venv
RUN .venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/run.lock
COPY pyproject.toml README.md LICENSE ./
COPY migrations migrations
COPY routing routing
COPY geodata geodata
COPY app app
RUN .venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation --editable .
RUN .venv/bin/python -m routing.warm
COPY --from=web /srv/jemput-bola/app/web/dist app/web/dist

FROM python:${PYTHON_VERSION}-slim-bookworm
WORKDIR /srv/jemput-bola
COPY --from=build /srv/jemput-bola .
RUN install -d -o 10001 -g 10001 /data
ENV JEMPUTBOLA_DATA_DIR=/data
ENV JEMPUTBOLA_HOST=0.0.0.0
ENV JEMPUTBOLA_PORT=8000
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD [".venv/bin/python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['JEMPUTBOLA_PORT'] + '/api/v1/health', timeout=4)"]
CMD [".venv/bin/jemput-bola", "serve"]

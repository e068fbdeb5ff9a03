# One file, one image a kind of process: docker compose builds it with EXTRAS=api, parse and worker (pyproject.toml).
# Only the last holds torch. The wheel of torch from PyPI brings its own CUDA libraries; the host needs just the driver.
FROM python:3.11-slim-bookworm AS build
ARG EXTRAS=api
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /app
# Dependencies before sources, so that a change of code does not fetch torch again.
COPY pyproject.toml constraints.txt README.md LICENSE NOTICE ./
RUN --mount=type=cache,target=/root/.cache/pip pip install -c constraints.txt -e ".[${EXTRAS}]"

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin winnow \
    && install -d -o winnow -m 0700 /var/spool/winnow
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HF_HUB_OFFLINE=1 TMPDIR=/var/spool/winnow
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY alembic.ini ./
COPY migrations migrations
COPY admin admin
COPY db db
COPY api api
COPY client client
COPY parsing parsing
COPY scoring scoring
COPY telemetry telemetry
COPY workers workers
COPY packs packs
USER winnow
# Uploads are spooled here while they are read; give it a volume with room for the largest.
VOLUME /var/spool/winnow
CMD ["python", "-m", "api"]

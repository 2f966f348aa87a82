# The hub's processes; which one runs is the command: `run registry`, `run archive`, `run coordinator`, `run gateway`.
FROM python:3.11-slim

RUN useradd --create-home --uid 10001 hub && mkdir -p /data/keys /data/lake && chown -R hub /data && chmod 700 /data/keys
WORKDIR /hub

COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock

COPY pyproject.toml README.md LICENSE ./
COPY onething onething
COPY topics topics
COPY catalog catalog
COPY connectors connectors
COPY producers producers
COPY processors processors
COPY analytics analytics
RUN pip install --no-cache-dir --no-deps --no-build-isolation .

USER hub
WORKDIR /data
ENV ONETHING_DATA_DIR=/data \
    ONETHING_LOG__FORMAT=json
VOLUME /data
ENTRYPOINT ["onething"]

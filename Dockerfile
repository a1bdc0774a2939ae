# Two stages: what installs packages does not run, and what runs installs nothing.
FROM python:3.13-slim AS packages
RUN python -m venv /opt/easel
COPY constraints-runtime.txt .
RUN /opt/easel/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r constraints-runtime.txt

FROM python:3.13-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin easel \
    && install -d -o easel -g easel -m 0700 /data
COPY --from=packages /opt/easel /opt/easel
WORKDIR /app
COPY bot bot
COPY cogs cogs
ENV PATH=/opt/easel/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/data \
    TMPDIR=/data \
    DATABASE_URL=sqlite:////data/easel.db \
    LOG_FORMAT=json
USER easel
VOLUME /data
STOPSIGNAL SIGTERM
# The heartbeat is written only while the connection to Discord and the database's writer live.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-m", "bot.ops.heartbeat", "/data/heartbeat"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]

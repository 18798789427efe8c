# The explorer, for others to visit: docker build -t lintseq . && docker run --rm -p 8501:8501 lintseq
# It shows what ships and what is mounted at /data, read-only; it runs no program.
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN python -m pip install --no-cache-dir --disable-pip-version-check build==1.6.1 \
    && python -m build --wheel --outdir /dist

FROM python:3.11-slim-bookworm
COPY --from=build /dist /dist
COPY constraints.txt /dist/constraints.txt
RUN python -m pip install --no-cache-dir --disable-pip-version-check \
        --constraint /dist/constraints.txt "$(ls /dist/*.whl)[dashboard]" \
    && rm -r /dist \
    && useradd --create-home --uid 10001 explorer \
    && mkdir /data
USER 10001
WORKDIR /home/explorer
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", \
    "import urllib.request as r; r.urlopen('http://localhost:8501/_stcore/health', timeout=4)"]
CMD ["lintseq", "dashboard", "/data", "--address", "0.0.0.0"]

# One image for web, worker and beat; docker-compose.yml says which runs what.

FROM python:3.12-slim-bookworm AS build
ENV PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
COPY requirements-web.lock /app/
RUN /venv/bin/pip install --require-hashes --requirement /app/requirements-web.lock
COPY . /app
WORKDIR /app
# Settings want every variable; these end with this line and stand in no image.
RUN /venv/bin/python -m nenconnect.translations compile \
    && SECRET_KEY="only-to-collect-the-static-files-never-used-to-sign-x" \
       SITE_URL=https://build.example DATABASE_URL=postgresql://build/build \
       REDIS_URL=redis://build EMAIL_URL=smtp://build \
       /venv/bin/python manage.py collectstatic --noinput

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin nenconnect \
    && install --directory --owner nenconnect --group nenconnect --mode 700 /documents
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DOCUMENTS_DIR=/documents STATIC_DIR=/app/staticfiles
USER nenconnect
VOLUME /documents
EXPOSE 8000
# Alive, no more: without Redis or a worker pages go on. The site only answers to its own name.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-c", "import os; from urllib.parse import urlsplit; from urllib.request import Request, urlopen; urlopen(Request('http://127.0.0.1:8000/healthz', headers={'Host': urlsplit(os.environ['SITE_URL']).netloc}), timeout=4)"]
# WEB_CONCURRENCY sets the number of worker processes.
CMD ["gunicorn", "nenconnect.wsgi", "--bind", "0.0.0.0:8000", "--threads", "4", "--preload", \
     "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--access-logfile", "-", \
     "--max-requests", "5000", "--max-requests-jitter", "500"]

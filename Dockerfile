# One image for every component; the command decides which: python -m apiserver, python -m kubelet, …
FROM python:3.13-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /opt/kubemu

COPY requirements/runtime.txt requirements/runtime.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/runtime.txt

COPY pyproject.toml README.md LICENSE ./
COPY apimachinery apimachinery
COPY apiserver apiserver
COPY componentbase componentbase
COPY controller_manager controller_manager
COPY kubeclient kubeclient
COPY kubelet kubelet
COPY kubemu kubemu
COPY kubeproxy kubeproxy
COPY scheduler scheduler
COPY store store
RUN pip install --no-cache-dir --no-deps --no-build-isolation . \
    && useradd --system --no-create-home --uid 65532 kubemu

USER 65532
EXPOSE 8080
CMD ["python", "-m", "apiserver", "--bind-address", "0.0.0.0"]

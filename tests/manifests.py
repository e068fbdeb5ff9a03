"""The manifests of deploy/k8s as a cluster would get them, without kustomize."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from local.deployment import REPOSITORY

K8S = REPOSITORY / "deploy" / "k8s"
VARIANTS = ("cpu", "gpu")
Manifest = dict[str, Any]


def manifests(folder: str) -> list[Manifest]:
    """Every object that `kubectl apply -k deploy/k8s/FOLDER` makes."""
    return list(_of(K8S / folder))


def _of(folder: Path) -> Iterator[Manifest]:
    for resource in kustomization(folder)["resources"]:
        path = folder / resource
        if path.is_dir():
            yield from _of(path.resolve())
        else:
            yield from (one for one in yaml.safe_load_all(path.read_text()) if one)


def kustomization(folder: Path) -> Manifest:
    """The folder's kustomization.yaml."""
    loaded: Manifest = yaml.safe_load((folder / "kustomization.yaml").read_text())
    return loaded


def of_kind(found: list[Manifest], *kinds: str) -> list[Manifest]:
    """Those of these kinds."""
    return [one for one in found if one["kind"] in kinds]


def container(workload: Manifest) -> Manifest:
    """The only container of a Deployment or Job."""
    (only,) = workload["spec"]["template"]["spec"]["containers"]
    found: Manifest = only
    return found

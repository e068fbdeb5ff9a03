"""deploy/k8s: every object is one that a cluster takes, nothing has privileges, and what belongs together agrees."""

from __future__ import annotations

import re
from importlib.util import find_spec

import jsonschema
import kubernetes_validate
import pytest
import yaml
from keda import SCHEMAS
from manifests import K8S, VARIANTS, Manifest, container, kustomization, manifests, of_kind

from local.deployment import REPOSITORY
from workers.celery_app import WORKERS

EVERYTHING = [*manifests("migrate"), *(one for variant in VARIANTS for one in manifests(variant))]
WORKLOADS = of_kind(EVERYTHING, "Deployment", "Job")
DEPLOYMENTS = of_kind(EVERYTHING, "Deployment")
COMPOSE = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())["services"]
OLDEST = "1.30"
"""The oldest Kubernetes that is supported; what it knows, later ones know as well."""
SCREEN = "Deployment screen"


def told(page: str, pattern: str) -> int:
    """The number that a page tells."""
    found = re.search(pattern, page, re.MULTILINE)
    assert found, pattern
    return int(found.group(1))


def named(manifest: Manifest) -> str:
    return f"{manifest['kind']} {manifest['metadata']['name']}"


def test_kubernetes_takes_every_object_of_its_own() -> None:
    own = {str(one): one for one in EVERYTHING if one["kind"] not in SCHEMAS}.values()
    assert {one["kind"] for one in own} == {
        "ConfigMap", "Deployment", "Job", "Namespace", "NetworkPolicy", "PodDisruptionBudget", "Service",
    }  # fmt: skip
    for one in own:
        kubernetes_validate.validate(one, OLDEST, strict=True)


def test_a_field_that_kubernetes_does_not_know_is_found() -> None:
    """`strict` finds what a cluster would silently leave out."""
    pod = {"containers": [{"name": "api", "image": "api", "readOnlyRootFilesystem": True}]}
    misplaced = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "api"}, "spec": pod}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(misplaced, OLDEST, strict=True)


@pytest.mark.parametrize("variant", VARIANTS)
def test_keda_takes_its_objects_and_finds_what_they_name(variant: str) -> None:
    found = manifests(variant)
    for one in of_kind(found, *SCHEMAS):
        jsonschema.validate(one, SCHEMAS[one["kind"]])
    deployments = {one["metadata"]["name"] for one in of_kind(found, "Deployment")}
    logins = {one["metadata"]["name"] for one in of_kind(found, "TriggerAuthentication")}
    for scaled in of_kind(found, "ScaledObject"):
        spec = scaled["spec"]
        assert spec["scaleTargetRef"]["name"] in deployments
        assert {trigger["authenticationRef"]["name"] for trigger in spec["triggers"]} <= logins
        assert spec["minReplicaCount"] < spec["maxReplicaCount"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_process_runs_once_named_and_has_its_own_budget(variant: str) -> None:
    found = manifests(variant)
    names = [named(one) for one in found]
    assert len(names) == len(set(names))
    processes = {one["metadata"]["name"] for one in of_kind(found, "Deployment")}
    assert processes == {"api", "relay", *WORKERS}
    budgets = of_kind(found, "PodDisruptionBudget")
    assert {one["spec"]["selector"]["matchLabels"]["app.kubernetes.io/name"] for one in budgets} == processes


@pytest.mark.parametrize("workload", WORKLOADS, ids=named)
def test_no_pod_has_privileges_and_every_process_has_bounds(workload: Manifest) -> None:
    """What Kubernetes calls the restricted standard, and a root file system that nobody can write to."""
    pod = workload["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert not any(pod.get(host) for host in ("hostNetwork", "hostPID", "hostIPC"))
    only = container(workload)
    assert only["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert {"cpu", "memory"} <= only["resources"]["requests"].keys()
    assert "memory" in only["resources"]["limits"]
    written = {mount["mountPath"] for mount in only["volumeMounts"]}
    assert written == {"/tmp", "/var/spool/winnow"}  # TMPDIR of the image, and what ignores it
    assert all("sizeLimit" in volume["emptyDir"] for volume in pod["volumes"])


def test_the_account_is_the_one_of_the_image() -> None:
    uid = told((REPOSITORY / "Dockerfile").read_text(), r"--uid (\d+)")
    assert {one["spec"]["template"]["spec"]["securityContext"]["runAsUser"] for one in WORKLOADS} == {uid}


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=named)
def test_a_deployment_runs_what_compose_runs(deployment: Manifest) -> None:
    """Command, image and health check are those that the tests of docker-compose.yml start for real."""
    name, only = deployment["metadata"]["name"], container(deployment)
    service = COMPOSE.get(name) or COMPOSE[f"worker-{name}"]
    assert only["command"] == service["command"]
    assert only["image"] == service["image"]
    assert find_spec(only["command"][2]) is not None
    assert "startupProbe" in only
    probed = only["livenessProbe"].get("exec", {}).get("command")
    assert probed == (None if name == "api" else service["healthcheck"]["test"][1:])


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=named)
def test_a_pod_gets_longer_to_stop_than_its_process_needs(deployment: Manifest) -> None:
    """The table of docs/OPERATIONS.md tells how long each takes at most; a worker's claim must fit in as well."""
    name = deployment["metadata"]["name"]
    page = (REPOSITORY / "docs" / "OPERATIONS.md").read_text()
    needed = told(page, rf"^\| {name} \| [^|]+ \| (\d+) s")
    if name == "screen":
        needed += told(page, r"^\| `WINNOW_CLAIM_SECONDS` \| [^|]+ \| `(\d+)`")
    waits = container(deployment).get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    assert deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] > needed + waits


def test_secrets_are_named_and_never_held() -> None:
    assert of_kind(EVERYTHING, "Secret") == []
    for workload in WORKLOADS:
        only = container(workload)
        plain = {one["name"]: one["value"] for one in only.get("env", ()) if "value" in one}
        assert not any(re.search("URL|KEY|PASSWORD|TOKEN", name) for name in plain), plain
    holders = {one["metadata"]["name"] for one in WORKLOADS if "winnow-key" in str(one)}
    assert holders == {"api", "deliver"}  # who reads WINNOW_SECRET_KEY
    assert {one["metadata"]["name"] for one in WORKLOADS if "winnow-owner" in str(one)} == {"migrate"}


def test_every_setting_in_a_manifest_is_one_that_the_page_tells() -> None:
    page = (REPOSITORY / "docs" / "OPERATIONS.md").read_text()
    given = {name for one in of_kind(EVERYTHING, "ConfigMap") for name in one["data"]}
    given |= {one["name"] for workload in WORKLOADS for one in container(workload).get("env", ())}
    assert sorted(name for name in given if f"`{name}`" not in page) == []


def test_every_secret_in_a_manifest_is_one_that_the_page_tells_to_make() -> None:
    page = (REPOSITORY / "docs" / "OPERATIONS.md").read_text()
    used = set(re.findall(r"secret\w*Ref': (?:\[)?{[^}]*'name': '([a-z-]+)'", str(EVERYTHING), re.IGNORECASE))
    assert {"winnow-addresses", "winnow-autoscaling", "winnow-owner"} <= used
    assert sorted(name for name in used if f"secret generic {name}" not in page) == []


def test_a_gpu_worker_has_one_gpu_and_a_cpu_worker_its_own_cores() -> None:
    gpu, cpu = (container(one) for variant in ("gpu", "cpu") for one in manifests(variant) if named(one) == SCREEN)
    assert gpu["resources"]["limits"]["nvidia.com/gpu"] == 1
    assert cpu["resources"]["requests"]["cpu"] == cpu["resources"]["limits"]["cpu"]
    threads = {one["name"]: one.get("valueFrom") for one in cpu["env"]}["OMP_NUM_THREADS"]
    assert threads == {"resourceFieldRef": {"resource": "limits.cpu"}}


def test_all_that_is_not_allowed_is_closed_and_only_deliver_and_the_api_reach_out() -> None:
    policies = of_kind(manifests("cpu"), "NetworkPolicy")
    closed = next(one for one in policies if one["metadata"]["name"] == "winnow-closed")["spec"]
    assert closed["policyTypes"] == ["Ingress", "Egress"]
    assert closed.keys() == {"podSelector", "policyTypes"}
    out = {
        one["spec"]["podSelector"]["matchLabels"].get("app.kubernetes.io/name")
        for one in policies
        if "ipBlock" in str(one)
    }
    assert out == {"api", "deliver"}


def test_each_kustomization_holds_all_files_of_its_folder() -> None:
    for folder in (one for one in K8S.iterdir() if one.is_dir()):
        listed = {name for name in kustomization(folder)["resources"] if name.endswith(".yaml")}
        assert listed == {file.name for file in folder.glob("*.yaml")} - {"kustomization.yaml"}

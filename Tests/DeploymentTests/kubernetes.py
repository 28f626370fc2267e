"""kubernetes.py faults|environment DIRECTORY: what is amiss with the manifests there, or the service's variables.

A line each. Schemas are Kubernetes' own; what they cannot know is how the manifests belong together.
"""

import pathlib
import re
import sys

import kubernetes_validate
import yaml

VERSION = kubernetes_validate.latest_version()
# Custom resources, of which it has no schema.
CUSTOM = {"ServiceMonitor"}
KUSTOMIZATION = "kustomization.yaml"


def load(directory):
    files = {path.name: list(yaml.safe_load_all(path.read_text())) for path in sorted(directory.glob("*.yaml"))}
    return files.pop(KUSTOMIZATION)[0], files


def schema_faults(files):
    for name, documents in files.items():
        for document in documents:
            if document["kind"] in CUSTOM:
                continue
            try:
                kubernetes_validate.validate(document, VERSION, strict=True)
            except kubernetes_validate.ValidationError as error:
                yield f"{name}: {error.message}"


def pod(document):
    spec = document["spec"]
    if document["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    return spec["template"]


def is_within(part, whole):
    return all(whole.get(key) == value for key, value in part.items())


def restriction_faults(name, template):
    """What the Pod Security Standard `restricted` asks for, and a root that cannot be written to."""
    spec = template["spec"]
    security = spec.get("securityContext", {})
    yes = [
        ("no root", security.get("runAsNonRoot") is True and security.get("runAsUser", 0) > 0),
        ("seccomp", security.get("seccompProfile", {}).get("type") == "RuntimeDefault"),
        ("no token of Kubernetes", spec.get("automountServiceAccountToken") is False),
    ]
    for container in spec["containers"]:
        inner = container.get("securityContext", {})
        yes += [
            ("no escalation", inner.get("allowPrivilegeEscalation") is False),
            ("a read-only root", inner.get("readOnlyRootFilesystem") is True),
            ("no capabilities", inner.get("capabilities") == {"drop": ["ALL"]}),
            ("a limit of memory", "memory" in container.get("resources", {}).get("limits", {})),
        ]
    return [f"{name}: lacks {what}" for what, holds in yes if not holds]


def relation_faults(documents):
    def kind(wanted):
        return [document for document in documents if document["kind"] == wanted]

    (server,) = kind("StatefulSet")
    labels = pod(server)["metadata"]["labels"]
    container = pod(server)["spec"]["containers"][0]
    ports = {port["name"] for port in container["ports"]}
    services = kind("Service")
    (budget,), (scaler,), (policy,), (monitor,) = map(
        kind, ["PodDisruptionBudget", "HorizontalPodAutoscaler", "NetworkPolicy", "ServiceMonitor"])
    selectors = {
        "StatefulSet": server["spec"]["selector"]["matchLabels"],
        "PodDisruptionBudget": budget["spec"]["selector"]["matchLabels"],
        "NetworkPolicy": policy["spec"]["podSelector"]["matchLabels"],
    }
    selectors |= {service["metadata"]["name"]: service["spec"]["selector"] for service in services}
    for constraint in pod(server)["spec"]["topologySpreadConstraints"]:
        selectors[constraint["topologyKey"]] = constraint["labelSelector"]["matchLabels"]
    yield from (f"{name}: selects no server" for name, part in selectors.items() if not is_within(part, labels))

    migrations = kind("Job") + kind("CronJob")
    for migration in migrations:
        theirs = pod(migration)["metadata"]["labels"]
        if not is_within(selectors["NetworkPolicy"], theirs):
            yield f"{migration['kind']}: not under the network policy"
        yield from (f"{name}: sends calls to a migration" for name in map(lambda s: s["metadata"]["name"], services)
                    if is_within(selectors[name], theirs))
    if len({str(pod(migration)) for migration in migrations}) != 1:
        yield "Job and CronJob: not the same pod"

    target = scaler["spec"]["scaleTargetRef"]
    if (target["kind"], target["name"]) != ("StatefulSet", server["metadata"]["name"]):
        yield "HorizontalPodAutoscaler: scales nothing"
    if "replicas" in server["spec"]:
        yield "StatefulSet: its replicas are the autoscaler's"
    headless = [service for service in services if service["metadata"]["name"] == server["spec"]["serviceName"]]
    if [service["spec"].get("clusterIP") for service in headless] != ["None"]:
        yield "StatefulSet: has no headless service"
    if not any(
            is_within(monitor["spec"]["selector"]["matchLabels"], service["metadata"]["labels"])
            and {endpoint["port"] for endpoint in monitor["spec"]["endpoints"]}
            <= {port["name"] for port in service["spec"]["ports"]} for service in services):
        yield "ServiceMonitor: no service has its labels and ports"

    named = [container[probe]["httpGet"]["port"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")]
    named += [port["targetPort"] for service in services for port in service["spec"]["ports"]]
    named += [port["port"] for rule in policy["spec"]["ingress"] for port in rule["ports"]]
    yield from (f"port {port}: the container has none" for port in named if port not in ports)

    variables = dict(environment(documents))
    stop = sum(int(re.fullmatch(r"(\d+)s", variables[name])[1])
               for name in ("HEARTBEAT_DRAIN_DELAY", "HEARTBEAT_SHUTDOWN_GRACE"))
    if pod(server)["spec"]["terminationGracePeriodSeconds"] <= stop:
        yield "StatefulSet: killed before it has drained"
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    (claim,) = server["spec"]["volumeClaimTemplates"]
    if not variables["HEARTBEAT_SPOOL_DIRECTORY"].startswith(mounts.get(claim["metadata"]["name"], "\0") + "/"):
        yield "StatefulSet: the spool is on no volume that outlives the pod"
    if server["spec"]["persistentVolumeClaimRetentionPolicy"] != {"whenDeleted": "Retain", "whenScaled": "Retain"}:
        yield "StatefulSet: spools go with their pods"


def environment(documents):
    (server,) = [document for document in documents if document["kind"] == "StatefulSet"]
    for variable in pod(server)["spec"]["containers"][0]["env"]:
        yield variable["name"], variable["value"]


def main():
    kustomization, files = load(pathlib.Path(sys.argv[2]))
    documents = [document for name in files for document in files[name]]
    if sys.argv[1] == "environment":
        literals = [line for maker in kustomization["configMapGenerator"] for line in maker["literals"]]
        print(*literals, *("=".join(pair) for pair in environment(documents)), sep="\n")
        return
    faults = [f"{name}: in the kustomization or here, not both" for name in {*kustomization["resources"]} ^ {*files}]
    faults += schema_faults(files)
    for document in documents:
        if document["kind"] in ("StatefulSet", "Job", "CronJob"):
            faults += restriction_faults(document["kind"], pod(document))
    faults += relation_faults(documents)
    print(*faults, sep="\n")


main()

"""Members in Kubernetes, found by the API server."""

from __future__ import annotations

import json
import logging
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import quote, urlencode, urlsplit

from hzclient._pauses import Pauses
from hzclient.core import DEFAULT_PORT, Address
from hzclient.errors import HazelcastIOError, InvalidConfigurationError

__all__ = ("KubernetesAddressProvider",)

_logger = logging.getLogger("hzclient.discovery")

_ACCOUNT: Final = "/var/run/secrets/kubernetes.io/serviceaccount"
_PAGE: Final = 500
_PAUSES: Final = Pauses(0.2, 2.0)
_LARGEST_RESPONSE: Final = 16 * 1024 * 1024
_POD_NAME_LABEL: Final = "statefulset.kubernetes.io/pod-name"


class _Expired(Exception):
    """The server no longer knows the rest of a list, which must be read again from its start."""


class KubernetesAddressProvider:
    """Finds the members of a cluster by the API server of Kubernetes.

    Inside a pod, namespace, token and certificate authority are those of its service account, which needs the
    right to get and list endpoints, and with `use_public_ip` services and nodes.

    Args:
        service_name: Name of the service of the members.
        service_label: Label of the services of the members, such as `app=hazelcast`. Excludes `service_name`.
        pod_label: Label of the pods of the members, which need no service then. Excludes the other two, and
            needs the right to list pods.
        namespace: Namespace of the members. That of the pod by default.
        port_name: Name of the members' port. If no port has it, an endpoint's only port or 5701 is used.
        use_public_ip: Whether to connect from outside: by a service for each pod, whose name is the pod's or
            whose selector names it, with a load balancer or a node port.
        api_url: URL of the API server.
        token_file: File with the bearer token. It is read again for each request, since tokens expire.
        ca_file: PEM file with the authority that signed the server's certificate.
        timeout: Seconds to wait for the server in each step.
        retries: How often a request is repeated if the server is overloaded or cannot be reached.

    Raises:
        InvalidConfigurationError: Not exactly one of service, its label and the pods' label is given, the
            namespace is unknown, or the URL is not HTTPS.
    """

    def __init__(
        self,
        service_name: str | None = None,
        service_label: str | None = None,
        *,
        pod_label: str | None = None,
        namespace: str | None = None,
        port_name: str = "hazelcast",
        use_public_ip: bool = False,
        api_url: str = "https://kubernetes.default.svc",
        token_file: str = f"{_ACCOUNT}/token",
        ca_file: str = f"{_ACCOUNT}/ca.crt",
        timeout: float = 5.0,
        retries: int = 3,
    ) -> None:
        if [service_name, service_label, pod_label].count(None) != 2:
            raise InvalidConfigurationError("give either service_name, service_label or pod_label")
        parts = urlsplit(api_url)
        if parts.scheme != "https" or not parts.hostname:
            raise InvalidConfigurationError(
                "api_url must be an https:// URL, because it is sent a secret token"
            )
        self._host, self._port = parts.hostname, parts.port
        self._service_name = service_name
        self._service_label = service_label
        self._pod_label = pod_label
        self._namespace = namespace or _read(f"{_ACCOUNT}/namespace", "give the namespace")
        self._port_name = port_name
        self._use_public_ip = use_public_ip
        self._token_file = token_file
        self._ca_file = ca_file
        self._timeout = timeout
        self._retries = retries
        self._public: dict[Address, Address] = {}

    def load_addresses(self) -> tuple[list[Address], list[Address]]:
        """Ask the API server for the members that are ready, and then for those that are not.

        Returns:
            Two lists: addresses of ready pods, and of pods that are not ready.

        Raises:
            HazelcastIOError: The server could not be reached, or it refused.
        """
        ready: dict[Address, Any] = {}
        unready: dict[Address, Any] = {}
        for endpoints in self._endpoints():
            for subset in endpoints.get("subsets") or ():
                port = self._port_of(subset.get("ports") or [])
                for key, found in (("addresses", ready), ("notReadyAddresses", unready)):
                    found.update({Address(each["ip"], port): each for each in subset.get(key) or ()})
        if self._use_public_ip:
            self._public = self._public_addresses(ready | unready)
        return list(ready), list(unready)

    def translate(self, address: Address) -> Address | None:
        """Return the address to connect to. Ask the server again if it is unknown.

        Args:
            address: Address in the cluster's network.

        Returns:
            The same address, or with `use_public_ip` the public one, or None if there is none.
        """
        if not self._use_public_ip:
            return address
        if address not in self._public:
            self.load_addresses()
        return self._public.get(address)

    # ------------------------------------------------------------------------------- what is asked for

    def _endpoints(self) -> Iterator[Any]:
        if self._pod_label is not None:
            for pod in self._list("pods", self._pod_label):
                yield _endpoints_of(pod)
        elif self._service_name is not None:
            yield self._get(self._path(f"endpoints/{quote(self._service_name, safe='')}"))
        else:
            yield from self._list("endpoints", self._service_label)

    def _port_of(self, ports: list[Any]) -> int:
        named = [port["port"] for port in ports if port.get("name") == self._port_name]
        if named:
            return int(named[0])
        return int(ports[0]["port"]) if len(ports) == 1 else DEFAULT_PORT

    def _public_addresses(self, found: dict[Address, Any]) -> dict[Address, Address]:
        services: dict[str, Any] = {}
        for service in self._list("services", None):
            selector: dict[str, Any] = service.get("spec", {}).get("selector") or {}
            services[selector.get(_POD_NAME_LABEL) or service["metadata"]["name"]] = service
        made: dict[Address, Address] = {}
        for address, entry in found.items():
            target: dict[str, Any] = entry.get("targetRef") or {}
            pod = target.get("name")
            public = self._public_of(services[pod], entry) if pod in services else None
            if public is None:
                _logger.warning("The pod %s at %s has no public address", pod, address.to_string())
            else:
                made[address] = public
        return made

    def _public_of(self, service: Any, entry: Any) -> Address | None:
        ports: list[Any] = service["spec"].get("ports") or [{}]
        port = next((each for each in ports if each.get("name") == self._port_name), ports[0])
        ingress: list[Any] = service.get("status", {}).get("loadBalancer", {}).get("ingress") or []
        if ingress:
            return Address(ingress[0].get("ip") or ingress[0]["hostname"], int(port["port"]))
        node = entry.get("nodeName")
        if not port.get("nodePort") or not node:
            return None
        addresses = self._get(f"/api/v1/nodes/{quote(node, safe='')}")["status"]["addresses"]
        external = [each["address"] for each in addresses if each["type"] == "ExternalIP"]
        return Address(external[0], int(port["nodePort"])) if external else None

    # --------------------------------------------------------------------------------------- requests

    def _path(self, rest: str) -> str:
        return f"/api/v1/namespaces/{quote(self._namespace, safe='')}/{rest}"

    def _list(self, kind: str, label: str | None) -> list[Any]:
        for _ in range(self._retries + 1):
            try:
                return list(self._pages(kind, label))
            except _Expired:
                _logger.info("The list of %s changed while it was read; it is read again", kind)
        raise HazelcastIOError(f"the list of {kind} in Kubernetes changes too fast to be read")

    def _pages(self, kind: str, label: str | None) -> Iterator[Any]:
        query: dict[str, Any] = {"limit": _PAGE} | ({"labelSelector": label} if label else {})
        while True:
            page = self._get(f"{self._path(kind)}?{urlencode(query)}")
            yield from page.get("items") or ()
            rest = page.get("metadata", {}).get("continue")
            if not rest:
                return
            query["continue"] = rest

    def _get(self, target: str) -> Any:
        import http.client  # few clients need it, and it takes long to import

        failure = ""
        for attempt in range(self._retries + 1):
            if attempt:
                time.sleep(_PAUSES.after(attempt))
            try:
                status, body = self._ask(target)
            except ssl.SSLCertVerificationError as error:
                raise HazelcastIOError(f"the certificate of {self._host} is invalid: {error}") from error
            except (OSError, http.client.HTTPException) as error:
                failure = f"cannot be reached: {error}"
                continue
            if status == http.client.OK:
                return self._parsed(body)
            if status == http.client.GONE:
                raise _Expired
            failure = f"responded with status {status} to {target}"
            if status == http.client.FORBIDDEN:
                raise HazelcastIOError(f"the API server {failure}: {_missing_right(target)}")
            # 401 may be a token that has just been replaced: it is read again.
            if status not in (http.client.UNAUTHORIZED, http.client.TOO_MANY_REQUESTS) and status < 500:
                break
        raise HazelcastIOError(f"the API server {self._host} {failure}")

    def _ask(self, target: str) -> tuple[int, bytes]:
        import http.client

        token = _read(self._token_file, "mount the token of a service account")
        context = ssl.create_default_context(cafile=self._ca_file)
        connection = http.client.HTTPSConnection(
            self._host, self._port, timeout=self._timeout, context=context
        )
        try:
            headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
            connection.request("GET", target, headers=headers)
            response = connection.getresponse()
            return response.status, response.read(_LARGEST_RESPONSE)
        finally:
            connection.close()

    def _parsed(self, body: bytes) -> Any:
        try:
            parsed: Any = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise HazelcastIOError(f"the API server {self._host} sent no JSON: {error}") from error
        if not isinstance(parsed, dict):
            raise HazelcastIOError(f"the API server {self._host} sent no JSON object")
        return cast("Any", parsed)


def _read(path: str, advice: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise InvalidConfigurationError(f"{path} cannot be read ({error.strerror}): {advice}") from None


def _endpoints_of(pod: Any) -> Any:
    """Return the endpoints that a service would have for a pod: none if it does not run."""
    status: dict[str, Any] = pod.get("status") or {}
    if not status.get("podIP") or status.get("phase") != "Running":
        return {}
    conditions: list[Any] = status.get("conditions") or []
    ready = any(each.get("type") == "Ready" and each.get("status") == "True" for each in conditions)
    spec: dict[str, Any] = pod.get("spec") or {}
    ports = [
        {"name": port.get("name"), "port": port["containerPort"]}
        for container in spec.get("containers") or ()
        for port in container.get("ports") or ()
    ]
    entry = {
        "ip": status["podIP"],
        "nodeName": spec.get("nodeName"),
        "targetRef": {"kind": "Pod", "name": pod["metadata"]["name"]},
    }
    return {"subsets": [{"addresses" if ready else "notReadyAddresses": [entry], "ports": ports}]}


def _missing_right(target: str) -> str:
    """Return what to do about a refused request."""
    path = target.partition("?")[0].removeprefix("/api/v1/").split("/")
    resource, role = (path[2], "Role") if path[0] == "namespaces" else (path[0], "ClusterRole")
    return f"give the service account the right to get and list {resource}, by a {role} and a {role}Binding"

"""What the measurements stand on: PostgreSQL, an nginx in SWF's place, and what relays to it."""

import dataclasses
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

from processes import await_answer, free_port, output_of, started

NGINX = """
daemon off;
worker_processes {workers};
pid {prefix}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 100000000;
    keepalive_timeout 1h;
    client_body_temp_path {prefix}/body;
    proxy_temp_path {prefix}/proxy;
    fastcgi_temp_path {prefix}/fastcgi;
    uwsgi_temp_path {prefix}/uwsgi;
    scgi_temp_path {prefix}/scgi;
    {body}
}}
"""

STUB = """
    server {{
        listen 127.0.0.1:{plain} reuseport;
        listen 127.0.0.1:{tls} ssl reuseport;
        ssl_certificate {certificate};
        ssl_certificate_key {private_key};
        ssl_protocols TLSv1.2 TLSv1.3;
        default_type application/x-amz-json-1.0;
        add_header x-amzn-RequestId e08622cd-3ff5-11e1-9b11-7182192d0b57;
        location / {{ return 200 '{{"cancelRequested":false}}'; }}
    }}
"""

PROXY = """
    upstream stub {{
        server {address};
        keepalive 512;
        keepalive_requests 100000000;
        keepalive_timeout 1h;
    }}
    server {{
        listen 127.0.0.1:{port} reuseport;
        location / {{
            proxy_pass {scheme}://stub;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_ssl_verify on;
            proxy_ssl_trusted_certificate {certificate};
            proxy_ssl_name localhost;
        }}
    }}
"""

CREDENTIALS = {
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
}


@dataclasses.dataclass
class Contender:
    """Whom load is driven at."""

    name: str
    url: str
    # None: it is not measured itself.
    process: object = None
    operations: str = None


class Stage:
    def __init__(self, stack, executables):
        self.stack, self.facade = stack, executables / "heartbeat-facade"
        self.cores = len(os.sched_getaffinity(0))
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="heartbeat-bench."))
        stack.callback(shutil.rmtree, self.work)
        self.work.chmod(0o755)
        self.services = 0
        self.make_certificate()
        self.start_postgresql()
        self.start_stub()
        # Before a service starts, which then knows the key from its first answer on.
        self.run_facade("migrate")
        self.key = self.run_facade("keys", "create", "bench")

    def make_certificate(self):
        self.certificate, self.private_key = self.work / "certificate.pem", self.work / "key.pem"
        command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
        names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        output_of(*command.split(), *names, "-keyout", self.private_key, "-out", self.certificate)

    def start_postgresql(self):
        """PostgreSQL refuses to run as root."""
        cluster = self.work / "postgresql"
        cluster.mkdir()
        user = {}
        if os.getuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(cluster, owner.pw_uid, owner.pw_gid)
            user = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        self.postgresql_commands = output_of("pg_config", "--bindir")
        data = cluster / "data"

        def run(command, *arguments):
            # The server inherits the output, which therefore goes into a file: a pipe would wait for the server's end.
            with open(self.work / "postgresql.log", "ab") as log:
                options = {"cwd": cluster, "stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, **user}
                subprocess.run([f"{self.postgresql_commands}/{command}", *arguments], check=True, **options)

        run("initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "-D", data)
        options = f"-c listen_addresses='' -c unix_socket_directories='{cluster}'"
        run("pg_ctl", "-s", "-w", "-D", data, "-l", cluster / "log", "-o", options, "start")
        self.stack.callback(run, "pg_ctl", "-s", "-w", "-m", "fast", "-D", data, "stop")
        self.database = f"postgresql:///postgres?host={cluster}&user=postgres"
        self.postmaster = int((data / "postmaster.pid").read_text().split()[0])

    def sql(self, statement):
        return output_of("psql", "-XAtq", self.database, text=statement)

    def rows(self):
        return int(self.sql("SELECT count(*) FROM heartbeat_audit"))

    def nginx(self, stack, name, body):
        prefix = self.work / name
        prefix.mkdir(exist_ok=True)
        configuration = prefix / "nginx.conf"
        configuration.write_text(NGINX.format(workers=self.cores, prefix=prefix, body=body))
        return started(stack, ["nginx", "-e", "stderr", "-p", prefix, "-c", configuration], prefix / "log")

    def start_stub(self):
        plain, tls = free_port(), free_port()
        body = STUB.format(plain=plain, tls=tls, certificate=self.certificate, private_key=self.private_key)
        stub = self.nginx(self.stack, "stub", body)
        self.upstreams = {"plain": f"http://127.0.0.1:{plain}", "TLS": f"https://127.0.0.1:{tls}"}
        await_answer(stub, self.upstreams["plain"], self.work / "stub" / "log")

    def proxy(self, stack, upstream):
        port = free_port()
        scheme, _, address = self.upstreams[upstream].partition("://")
        body = PROXY.format(scheme=scheme, address=address, port=port, certificate=self.certificate)
        name = f"nginx-{upstream}"
        process = self.nginx(stack, name, body)
        url = f"http://127.0.0.1:{port}"
        await_answer(process, url, self.work / name / "log")
        return Contender("nginx", url, process)

    def signing_proxy(self, stack, upstream):
        """aws-sigv4-proxy; None where there is none."""
        command = shutil.which("aws-sigv4-proxy")
        if not command:
            return None
        port, log = free_port(), self.work / f"aws-sigv4-proxy-{upstream}.log"
        scheme, _, address = self.upstreams[upstream].partition("://")
        options = ["--port", f"127.0.0.1:{port}", "--upstream-url-scheme", scheme, "--host", address]
        options += ["--name", "swf", "--region", CREDENTIALS["AWS_REGION"]]
        environment = {**CREDENTIALS, "PATH": os.environ["PATH"], "SSL_CERT_FILE": str(self.certificate)}
        process = started(stack, [command, *options], log, environment)
        url = f"http://127.0.0.1:{port}"
        await_answer(process, url, log)
        return Contender("aws-sigv4-proxy", url, process)

    def environment(self, upstream="plain"):
        return {
            **CREDENTIALS,
            "PATH": os.environ["PATH"],
            "DATABASE_URL": self.database,
            "AWS_ENDPOINT_URL_SWF": self.upstreams[upstream],
            "AWS_CA_BUNDLE": str(self.certificate),
        }

    def run_facade(self, *arguments):
        return output_of(self.facade, *arguments, env=self.environment())

    def service(self, stack, upstream="plain", settings=None):
        """The service with API keys, signing, audit, metrics, and the log at its default level, which is info.

        What `settings` says goes before that.
        """
        port, operations = free_port(), free_port()
        environment = {
            **self.environment(upstream),
            "HEARTBEAT_LISTEN": f"127.0.0.1:{port}",
            "HEARTBEAT_OPERATIONS_LISTEN": f"127.0.0.1:{operations}",
            "HEARTBEAT_EVENT_LOOPS": str(self.cores),
            **(settings or {}),
        }
        self.services += 1
        log = self.work / f"service-{self.services}.log"
        process = started(stack, [self.facade, "serve"], log, environment)
        operations = f"http://127.0.0.1:{operations}"
        await_answer(process, f"{operations}/readyz", log)
        return Contender("heartbeat-facade", f"http://127.0.0.1:{port}", process, operations)

#!/usr/bin/env python3
"""W3, W5, W6 and W7 spread over many clients, people and tokens, on databases of different sizes side by side; and W5 while expired rows are removed.
  size.py prepare PUBLISHED_DIR DIR... [--sets 60] [--each 1500]  requests of each workload: access tokens for W6 and W7, sets of refresh tokens, each for one cell of W5
  size.py compare PUBLISHED_DIR DIR... [--workloads W3,W5,W6,W7] [--rounds 2] [--seconds 4]      servers on all databases at once, cells in turn
  size.py prune   PUBLISHED_DIR DIR [--seconds 5] [--cells 26]  W5 before, while and after a server removes what has expired
  size.py feed    PUBLISHED_DIR DIR                             start, and the whole revocation feed as an API without memory reads it
Every DIR is a database filled by the verb generate (docs/performance.md, "At size"): tokens.txt, and id.db with keys/, or env.json that names another database."""
import argparse, base64, concurrent.futures as cf, http.client, json, os, random, re, statistics, subprocess, time, urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
SECRET = "generated-secret-0123456789abcdef-0123456789"
API = ("bench-api", "bench-api-secret-0123456789abcdef-0123456789abcdef")
TICK = os.sysconf("SC_CLK_TCK")
CONNECTIONS = 32
ACCESS_TOKENS = 10_000


def basic(client, secret=SECRET):
    return "Basic " + base64.b64encode(f"{client}:{secret}".encode()).decode()


def cpu_of(pids):
    total = 0
    for pid in pids:
        try:
            fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        except (OSError, IndexError):
            pass
    return total / TICK


def busy():
    fields = [int(x) for x in open("/proc/stat").readline().split()[1:]]
    return (sum(fields[:3]) + sum(fields[5:8])) / TICK


class Server:
    def __init__(self, published, folder, port):
        self.folder, self.port, self.base = os.path.abspath(folder), port, f"http://127.0.0.1:{port}"
        self.name = os.path.basename(self.folder)
        extra = os.path.join(self.folder, "env.json")
        self.env = {**os.environ, "IdServer__Database__ConnectionString": f"Data Source={self.folder}/id.db", "IdServer__Keys__Directory": f"{self.folder}/keys", "IdServer__Issuer": "http://127.0.0.1:7170",
                    "IdServer__Tokens__AccessTokenLifetime": "7200", "IdServer__RateLimits__TokenFailuresPerMinute": "1000000", **(json.load(open(extra)) if os.path.exists(extra) else {})}
        begun = time.perf_counter()
        self.process = subprocess.Popen(["taskset", "-c", "0-2", f"{published}/IdServer", "--config", f"{HERE}/settings.json", "--urls", self.base], env=self.env, cwd=self.folder,
                                        stdout=open(f"{self.folder}/server.log", "ab"), stderr=subprocess.STDOUT)
        while self.process.poll() is None:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", "/.well-known/openid-configuration")
                if connection.getresponse().status == 200:
                    break
            except OSError:
                time.sleep(0.005)
        self.start_ms = round((time.perf_counter() - begun) * 1000)

    def memory(self):
        status = open(f"/proc/{self.process.pid}/status").read()
        return {k: int(re.search(rf"{k}:\s+(\d+)", status)[1]) // 1024 for k in ("VmRSS", "VmHWM", "RssAnon")}

    def backends(self):
        """PostgreSQL's processes for this database, if it has any."""
        name = re.search(r"Database=(\w+)", self.env["IdServer__Database__ConnectionString"])
        if not name:
            return []
        return [p for p in os.listdir("/proc") if p.isdigit() and os.path.exists(f"/proc/{p}/cmdline") and f" {name[1]} " in open(f"/proc/{p}/cmdline", errors="replace").read() and "postgres" in open(f"/proc/{p}/comm").read()]

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def post(self, path, authorization, **form):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("POST", path, urllib.parse.urlencode(form), {"Authorization": authorization, "Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        body = answer.read().decode()
        return json.loads(body) if answer.status == 200 else None

    def wrk(self, path, script, seconds, *args, threads=1):
        before, before_db, busy0, t0 = cpu_of([self.process.pid]), cpu_of(self.backends()), busy(), time.time()
        out = subprocess.run(["taskset", "-c", "3", "wrk", f"-t{threads}", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "-s", f"{HERE}/{script}", self.base + path, "--", *args],
                             capture_output=True, text=True).stdout
        found = re.search(r"RESULT (\{.*\})", out)
        if not found:
            raise RuntimeError(out[-400:])
        r = json.loads(found[1])
        cpu, db, wall = cpu_of([self.process.pid]) - before, cpu_of(self.backends()) - before_db, time.time() - t0
        row = {"rps": round((r["requests"] - r["failed"]) / (r["us"] / 1e6)), "p50_ms": r["p50"] / 1000, "p99_ms": r["p99"] / 1000, "max_ms": r["max"] / 1000, "cpu_us": round(cpu * 1e6 / max(1, r["requests"]), 1), "failed": r["failed"], "busy_cores": round((busy() - busy0) / wall, 2)}
        return {**row, "db_cpu_us": round(db * 1e6 / max(1, r["requests"]), 1)} if db else row

    def cell(self, workload, seconds):
        if workload == "W5":
            unused = sorted(f for f in os.listdir(self.folder) if f.startswith("W5-") and f.endswith(".1"))
            if not unused:
                raise RuntimeError(f"{self.name}: the refresh tokens are used up; generate again")
            file = f"{self.folder}/{unused[0][:-2]}"
            row = self.wrk("/connect/token", "chains.lua", seconds, file, threads=CONNECTIONS)
            for k in range(1, CONNECTIONS + 1):
                os.remove(f"{file}.{k}")
            return row
        path, method = {"W3": ("/connect/token", "POST"), "W6": ("/connect/introspect", "POST"), "W7": ("/connect/userinfo", "GET")}[workload]
        return self.wrk(path, "spread.lua", seconds, method, f"{self.folder}/{workload}")


def prepare(args):
    for folder in args.folders:
        lines = [line.split() for line in open(f"{folder}/tokens.txt")]
        random.Random(args.seed).shuffle(lines)
        some = lines[:min(ACCESS_TOKENS, len(lines) // 4)]
        server = Server(args.published, folder, 7174)
        try:
            with cf.ThreadPoolExecutor(8) as pool:
                got = list(pool.map(lambda line: server.post("/connect/token", basic(line[0]), grant_type="refresh_token", refresh_token=line[1]), some))
        finally:
            server.stop()
        got = [(line[0], tokens["access_token"]) for line, tokens in zip(some, got) if tokens]  # a token may have been used by an earlier run
        clients = sorted({line[0] for line in lines[:200_000]})
        open(f"{folder}/W3", "w").writelines(f"{basic(client)}\tgrant_type=client_credentials&scope=api\n" for client in clients)
        open(f"{folder}/W6", "w").writelines(f"{basic(client)}\ttoken={token}\n" for client, token in got)
        open(f"{folder}/W7", "w").writelines(f"Bearer {token}\t\n" for _, token in got)
        each, first = args.each if len(lines) > 100 * args.each else 1, len(some)
        for n in range(args.sets):
            for k in range(CONNECTIONS):
                slice = lines[first:first + each]
                first += each
                if len(slice) == each:
                    open(f"{folder}/W5-{n:03}.{k + 1}", "w").writelines(f"{basic(client)}\t{token}\n" for client, token in slice)
        print(server.name, len(clients), "clients;", len(got), "access tokens;", first - len(some), "refresh tokens", flush=True)


def compare(args):
    servers = [Server(args.published, folder, 7174 + i) for i, folder in enumerate(args.folders)]
    rows = []
    try:
        print(json.dumps({s.name: {"start_ms": s.start_ms, **s.memory()} for s in servers}), flush=True)
        for round in range(args.rounds):
            for workload in args.workloads.split(","):
                for server in servers:
                    if round == 0:
                        server.cell(workload, 3)  # warm
                    row = {"server": server.name, "w": workload, "round": round, **server.cell(workload, args.seconds)}
                    rows.append(row)
                    print(json.dumps(row), flush=True)
        print(json.dumps({s.name: s.memory() for s in servers}))
    finally:
        for server in servers:
            server.stop()
    for workload in args.workloads.split(","):
        median = {s.name: statistics.median(r["rps"] for r in rows if (r["server"], r["w"]) == (s.name, workload)) for s in servers}
        cpu = {s.name: statistics.median(r["cpu_us"] for r in rows if (r["server"], r["w"]) == (s.name, workload)) for s in servers}
        print(workload, " ".join(f"{name} {rps:.0f}/s {cpu[name]:.0f} us ({rps / median[servers[0].name]:.2f})" for name, rps in median.items()))


def prune(args):
    server = Server(args.published, args.folders[0], 7174)
    begun = time.time() - server.start_ms / 1000
    try:
        for _ in range(args.cells):
            row = server.cell("W5", args.seconds)
            print(json.dumps({"at_s": round(time.time() - begun), **row, **server.memory()}), flush=True)
    finally:
        server.stop()


def feed(args):
    server = Server(args.published, args.folders[0], 7174)
    try:
        print(json.dumps({"start_ms": server.start_ms, **server.memory()}))
        begun, after, pages, entries, size = time.perf_counter(), 0, 0, 0, 0
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        while True:
            connection.request("POST", "/connect/revocations", f"after={after}", {"Authorization": basic(*API), "Content-Type": "application/x-www-form-urlencoded"})
            answer = connection.getresponse().read()
            part = answer.split(b".")[1]
            page = json.loads(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
            pages, entries, size, after = pages + 1, entries + len(page["revocations"]), size + len(answer), page["next"]
            if not page["more"]:
                break
        print(json.dumps({"pages": pages, "entries": entries, "MB": round(size / 1e6), "seconds": round(time.perf_counter() - begun, 1), "server_cpu_s": cpu_of([server.process.pid]), **server.memory()}))
    finally:
        server.stop()


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("what", choices=["prepare", "compare", "prune", "feed"])
parser.add_argument("published")
parser.add_argument("folders", nargs="+")
parser.add_argument("--workloads", default="W3,W5,W6,W7")
parser.add_argument("--rounds", type=int, default=2)
parser.add_argument("--seconds", type=int, default=4)
parser.add_argument("--seed", type=int, default=7)
parser.add_argument("--sets", type=int, default=60)
parser.add_argument("--each", type=int, default=1500, help="refresh tokens for each connection in a cell of W5; with 1, and where there are few, it goes round and round the same")
parser.add_argument("--cells", type=int, default=26)
args = parser.parse_args()
{"prepare": prepare, "compare": compare, "prune": prune, "feed": feed}[args.what](args)

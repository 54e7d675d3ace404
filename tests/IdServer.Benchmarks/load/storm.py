#!/usr/bin/env python3
"""W3 beside a password storm: client_credentials alone, then while 32 connections sign in with passwords as fast as they are let.
usage: storm.py PUBLISHED_DIR BENCH_DIR [seconds]   ->   one line of JSON: requests per second, p99, and what the storm got."""
import json, os, re, shutil, subprocess, sys, tempfile, time, urllib.request

published, bench, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 8
here = os.path.dirname(os.path.abspath(__file__))
base, client = "http://127.0.0.1:7170", "client_id=bench&client_secret=bench-secret-0123456789abcdef-0123456789abcdef"
w3 = f"{client}&grant_type=client_credentials&scope=api"
password = f"{client}&grant_type=password&username=alice&password=lantern-violet%21alice&scope=openid"


def wrk(body, connections, cores):
    return subprocess.Popen(["taskset", "-c", cores, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", f"{bench}/lua/req.lua",
                             base + "/connect/token", "--", "POST", body, "", ""], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def result(process):
    r = json.loads(re.search(r"RESULT (\{.*\})", process.communicate()[0])[1])
    return {"rps": round((r["requests"] - r["status"]) / (r["us"] / 1e6), 1), "p50_ms": r["p50"] / 1000, "p99_ms": r["p99"] / 1000, "refused": r["status"], "failed": r["connect"] + r["timeout"] + r["read"] + r["write"]}


work = tempfile.mkdtemp()
env = {**os.environ, "IdServer__Database__ConnectionString": f"Data Source={work}/id.db", "IdServer__Keys__Directory": f"{work}/keys"}
server = subprocess.Popen(["taskset", "-c", "0-2", f"{published}/IdServer", "--config", f"{here}/settings.json", "--urls", base], env=env, cwd=work, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
try:
    for _ in range(200):
        try:
            urllib.request.urlopen(base + "/health", timeout=2)
            break
        except OSError:
            time.sleep(0.1)
    wrk(w3, 32, "3").communicate()  # warm
    lone = result(wrk(w3, 32, "3"))
    storm = wrk(password, 32, "3")
    beside = result(wrk(w3, 32, "3"))
    print(json.dumps({"alone": lone, "beside_storm": beside, "storm": result(storm), "kept": round(beside["rps"] / lone["rps"], 3)}))
finally:
    server.terminate()
    server.wait()
    shutil.rmtree(work)

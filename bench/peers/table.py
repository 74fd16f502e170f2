#!/usr/bin/env python3
"""Prints the tables of docs/performance.md from the result files of bench/peers/run.

usage: table.py FOLDER
Each figure is the median of the runs, followed by the lowest and highest; the ratio is the median of the ratios
inside each run, because absolute figures of different runs on a shared machine do not compare.
"""
import json, os, statistics, sys

PEER, OURS = "fastnetmon", "breakwater"


def rows(folder, name):
    path = os.path.join(folder, name + ".jsonl")
    if not os.path.exists(path):
        return []
    with open(path) as lines:
        return [json.loads(line) for line in lines]


def runs_of(records, peer_of):
    """Pairs each run's peer with ours: the n-th row of one belongs with the n-th row of the other."""
    theirs = [r for r in records if peer_of(r) == PEER]
    ours = [r for r in records if peer_of(r) == OURS]
    return theirs, ours


def spread(values, form):
    values = [v for v in values if v is not None]
    if not values:
        return "–"
    middle = form % statistics.median(values)
    return middle if len(values) == 1 else "%s (%s–%s)" % (middle, form % min(values), form % max(values))


def line(what, theirs, ours, form="%.2f"):
    pairs = [o / t for t, o in zip(theirs, ours) if t and o is not None]
    print("| %s | %s | %s | %s |" % (what, spread(theirs, form), spread(ours, form), spread(pairs, "%.2f")))


def table(title):
    print("\n**%s**\n\n| | fastnetmon (F) | breakwater | ratio to F |\n|---|---|---|---|" % title)


def main(folder):
    lossless = rows(folder, "lossless")
    if lossless:
        table("One receiver core, 10 k hosts")
        for kind in dict.fromkeys(r["kind"] for r in lossless):
            theirs, ours = runs_of([r for r in lossless if r["kind"] == kind], lambda r: r["peer"])
            million = lambda rs: [r["max_lossless"] / 1e6 if r.get("max_lossless") else None for r in rs]
            line("%s, lossless, M records/s" % kind, million(theirs), million(ours))
            line("%s, own count / sent at that rate" % kind, [r.get("verified") for r in theirs], [r.get("verified") for r in ours], "%.5f")
            line("%s, CPU s per M records at 500 k/s" % kind, [r.get("cpu_per_m_500k") for r in theirs], [r.get("cpu_per_m_500k") for r in ours], "%.3f")
            line("%s, memory at 10 k hosts, MiB" % kind, [r.get("mem_small") for r in theirs], [r.get("mem_small") for r in ours], "%.0f")
            line("%s, memory at 1 M hosts, MiB" % kind, [r.get("mem_1m") for r in theirs], [r.get("mem_1m") for r in ours], "%.0f")
            line("%s, idle CPU, cores" % kind, [r.get("idle_cpu") for r in theirs], [r.get("idle_cpu") for r in ours], "%.3f")

    hosts = rows(folder, "hosts")
    if hosts:
        table("One receiver core, 1 M hosts")
        theirs, ours = runs_of(hosts, lambda r: r["peer"])
        line("netflow9, lossless, M records/s", [r["max_lossless"] / 1e6 for r in theirs], [r["max_lossless"] / 1e6 for r in ours])
        line("own count / sent at that rate", [r.get("verified") for r in theirs], [r.get("verified") for r in ours], "%.5f")
        line("CPU s per M records at 200 k/s", [r.get("cpu_per_m_200k") for r in theirs], [r.get("cpu_per_m_200k") for r in ours], "%.3f")
        line("memory, MiB", [r.get("mem_small") for r in theirs], [r.get("mem_small") for r in ours], "%.0f")
        line("idle CPU, cores", [r.get("idle_cpu") for r in theirs], [r.get("idle_cpu") for r in ours], "%.3f")

    for name, figure, title in (
            ("latency", "notify_ms", "First attack record to notification, ms, at 5 × the threshold"),
            ("carpet", "notify_ms", "Carpet bombing of a /24 to notification, ms"),
            ("bgp", "bgp_ms", "First attack record to the rule at a BGP peer, ms, at 5 × the threshold"),
            ("bgp-near", "bgp_ms", "First attack record to the rule at a BGP peer, ms, at 1.5 × the threshold"),
            ("bgp-carpet", "bgp_ms", "Carpet bombing of a /24 to the rule at a BGP peer, ms")):
        records = rows(folder, name)
        if not records:
            continue
        table(title)
        theirs, ours = runs_of(records, lambda r: r["peer"])
        for quantile in ("p50", "p90", "max"):
            line(quantile, [r[figure].get(quantile) for r in theirs], [r[figure].get(quantile) for r in ours], "%.0f")
        line("attacks told of", [r[figure]["n"] for r in theirs], [r[figure]["n"] for r in ours], "%d")
        line("attacks missed", [len(r["missed"]) for r in theirs], [len(r["missed"]) for r in ours], "%d")
        line("false alarms", [r["false_alarms"] for r in theirs], [r["false_alarms"] for r in ours], "%d")

    analyze = rows(folder, "analyze")
    if analyze:
        print("\n**Reading a capture, one core**\n\n| program | k packets/s | peak MiB | ratio to nfpcapd |\n|---|---|---|---|")
        by_name = {}
        for r in analyze:
            by_name.setdefault(r["name"], []).append(r)
        base = [r["per_s_wall"] for name, rs in by_name.items() if name.startswith("nfpcapd") for r in rs]
        for name, rs in by_name.items():
            rates = [r["per_s_wall"] for r in rs]
            ratios = [r / b for r, b in zip(rates, base)]
            print("| %s | %s | %.0f | %s |" % (name, spread([r / 1e3 for r in rates], "%.0f"), max(r["rss"] for r in rs), spread(ratios, "%.2f")))


main(sys.argv[1])

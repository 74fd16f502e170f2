#!/usr/bin/env python3
"""Writes OrdinaryNames.Table.cs: what each letter of an ordinary domain label costs, in bits, after the two before it.

usage: generate-ordinary-names.py [--measure] > OrdinaryNames.Table.cs

Counts come from the package index of a Debian system (`apt-cache dumpavail`; measured with Debian 12, main): domains of
the home pages and addresses it names (four times), other labels of those hosts, words of the descriptions that occur five
times or more (by the logarithm of how often), and parts of package names (a twentieth). Only counts are kept. A quarter
of the registered domains is held out: --measure tells what share of it the model finds odd, and what share of names that
algorithms of malware make. The same index gives the same table.
"""
import collections, math, random, re, subprocess, sys

LETTERS = "abcdefghijklmnopqrstuvwxyz0-"        # digits are all one letter; "^" stands for both ends
SECOND = set("ac co com ed edu gen go gob gouv gov gr gv id in info kr law ltd me mil muni ne net nhs nom or org plc police sch web".split())
TURN = 2.0                                      # bits for going from letters to digits or back, the first two are free
STEP, LOWEST, LEVELS = 0.25, ord("#"), 57       # "#" to "[": no quotes, no backslash

def registrable(host):
    labels = host.strip(".").split(".")
    count = 3 if len(labels) >= 3 and len(labels[-1]) == 2 and labels[-2] in SECOND else 2
    return (labels[-count], labels[:-count]) if len(labels) >= count else (None, [])

def folded(label):
    return "".join("0" if c.isdigit() else c for c in label if c in LETTERS or c.isdigit())

def index():
    text = subprocess.run(["apt-cache", "dumpavail"], capture_output=True, text=True, errors="replace", check=True).stdout
    hosts = set(re.findall(r"https?://([a-z0-9.-]+\.[a-z]+)", text.lower())) | set(re.findall(r"@([a-z0-9.-]+\.[a-z]+)", text.lower()))
    domains, others = set(), set()
    for host in hosts:
        label, rest = registrable(host)
        if label and not label.startswith("xn--"): domains.add(label)
        others.update(l for l in rest if not l.startswith("xn--"))
    prose = re.sub(r"^(MD5sum|SHA256|SHA1|Filename|Tag|Depends|Description-md5).*$", "", text, flags=re.M).lower()
    words = collections.Counter(re.findall(r"[a-z]{3,}", prose))
    packages = re.findall(r"^Package: (\S+)", text, re.M)
    return sorted(domains), sorted(others), words, packages

class Model:
    def __init__(self, domains, others, words, packages):
        self.tri, self.pair = collections.Counter(), collections.Counter()
        for label in domains: self.add(label, 4)
        for label in others: self.add(label, 1)
        for word, n in words.items():
            if n >= 5: self.add(word, min(4, math.log2(n) / 4))
        for package in packages:
            for part in re.split(r"[-.+0-9]", package):
                if len(part) >= 3: self.add(part, 0.05)
        self.bi, self.single, self.uni = collections.Counter(), collections.Counter(), collections.Counter()
        for key, n in self.tri.items():
            self.bi[key[1:]] += n; self.single[key[1]] += n; self.uni[key[2]] += n
        self.total = sum(self.uni.values())
        self.codes = {}
        symbols = "^" + LETTERS
        for a in symbols:
            for b in symbols:
                for c in symbols:
                    bits = -math.log2(self.share(a, b, c))
                    self.codes[a + b + c] = min(LEVELS - 1, round(bits / STEP))

    def add(self, label, weight):
        text = "^^" + folded(label) + "^"
        for i in range(2, len(text)):
            self.tri[text[i - 2:i + 1]] += weight; self.pair[text[i - 2:i]] += weight

    def share(self, a, b, c):
        """Linear interpolation of three, two and one letters; the more was seen of a context, the more it counts."""
        one = (self.uni[c] + 1) / (self.total + 29)
        n = self.single[b]; two = (self.bi[b + c] + 50 * one) / (n + 50)
        n = self.pair[a + b]
        return (self.tri[a + b + c] + 20 * two) / (n + 20)

    def cost(self, label):
        text = "^^" + folded(label) + "^"
        turns = sum((a == "0") != (b == "0") for a, b in zip(text[2:], text[3:-1]))
        return (STEP * sum(self.codes[text[i - 2:i + 1]] for i in range(2, len(text))) + TURN * max(0, turns - 2)) / (len(text) - 2)

def measure(model, held):
    costs = sorted(map(model.cost, held)); n = len(costs)
    odd = costs[int(n * .99)]
    print(f"{n} domains held out: median {costs[n // 2]:.2f} bits a letter, 95 % {costs[int(n * .95)]:.2f}, 99 % {odd:.2f}")
    r = random.Random(2); alpha = LETTERS[:26]; digits = "0123456789"
    def made(letters, length): return lambda: "".join(r.choice(letters) for _ in range(length))
    makers = {"ordinary names": lambda: r.choice(held), "8 letters": made(alpha, 8), "12 letters": made(alpha, 12), "13 letters a-y": made(alpha[:25], 13),
        "14 letters and digits": made(alpha + digits, 14), "16 hexadecimal digits": made("abcdef" + digits, 16),
        "consonant and vowel, 10": lambda: "".join(r.choice("bcdfghjklmnpqrstvwxyz") + r.choice("aeiou") for _ in range(5)),
        "two English words": (lambda w: lambda: r.choice(w) + r.choice(w))([w for w, n in index()[2].most_common(5000) if 4 <= len(w) <= 8])}
    for name, make in makers.items():
        single = sum(model.cost(make()) > 5.4 for _ in range(4000)) / 4000
        host = 0
        for _ in range(4000):
            ten = sorted(model.cost(make()) for _ in range(10)); host += (ten[4] + ten[5]) / 2 > 5.4
        print(f"{name:26} odder than 5.4 bits: {single:7.2%} of names, {host / 4000:7.2%} of medians of ten")

def main():
    domains, others, words, packages = index()
    long = [d for d in domains if len(d) >= 6]
    random.Random(1).shuffle(long)
    held = long[:len(long) // 4]
    model = Model([d for d in domains if d not in set(held)], others, words, packages)
    if "--measure" in sys.argv: return measure(model, held)
    symbols = "^" + LETTERS
    print("// Made by generate-ordinary-names.py out of the package index of Debian 12; do not edit.")
    print("namespace Breakwater.Core.Behaviour.Names;\n")
    print("public static partial class OrdinaryNames\n{")
    print("    /// <summary>Cost of a letter after two others, in quarter bits from '#' on: 29 rows by the first of the three, in each 29 times 29.</summary>")
    print("    private static ReadOnlySpan<byte> Costs =>")
    rows = ["".join(chr(LOWEST + model.codes[a + b + c]) for b in symbols for c in symbols) for a in symbols]
    print("        \"" + "\"u8 +\n        \"".join(rows) + "\"u8;")
    print("}")

main()

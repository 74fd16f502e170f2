#!/usr/bin/env python3
"""Writes InformationElementTable.cs from IANA's registry of IPFIX information elements.

usage: generate-elements.py ipfix-information-elements.csv > InformationElementTable.cs
The registry: https://www.iana.org/assignments/ipfix/ipfix-information-elements.csv
"""
import csv
import sys

rows = [row for row in csv.DictReader(open(sys.argv[1], newline=""))
        if row["ElementID"].isdigit() and row["Abstract Data Type"]]
last = max(row["Date"] for row in rows)
print(f'''namespace Breakwater.Protocols.Ipfix;

/// <summary>IANA's registry of IPFIX information elements: number, name, abstract data type. Made by generate-elements.py.</summary>
/// <remarks>RFC 7012 §7.1; the newest entry is of {last}.</remarks>
internal static class InformationElementTable
{{
    public const string Text = """''')
for row in rows:
    print(f'        {row["ElementID"]} {row["Name"]} {row["Abstract Data Type"]}')
print('''        """;
}''')

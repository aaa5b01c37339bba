"""Cuts names-by-language into tables to train on, to choose the epoch with, and to measure with: 8 : 1 : 1, by chance.

split_names.py FOLDER writes FOLDER-train.tsv, FOLDER-validation.tsv and FOLDER-test.tsv; the same ones each time.
"""
import pathlib
import random
import sys

folder = pathlib.Path(sys.argv[1])
rows = [
    f"{file.stem}\t{name}\n"
    for file in sorted(folder.glob("*.txt"))
    if file.name != "SOURCE.txt"
    for name in file.read_text(encoding="utf-8").split("\n")
    if name.strip()
]
random.Random(0).shuffle(rows)
tenth = len(rows) // 10
parts = {"test": rows[:tenth], "validation": rows[tenth : 2 * tenth], "train": rows[2 * tenth :]}
for part, names in parts.items():
    table = folder.with_name(f"{folder.name}-{part}.tsv")
    table.write_text("label\ttext\n" + "".join(names), encoding="utf-8")
    print(f"{table}: {len(names)} names")

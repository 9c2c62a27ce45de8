#!/usr/bin/env bash
# Looks through the page's style sheet and script: both must parse, every variable of the sheet
# that is used must be defined, and every class must be one that the page can have.
#   tests/style/page_assets.sh [FOLDER OF page.css AND page.js]
set -euo pipefail

root=$(dirname -- "$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")")
folder=${1:-$root/reports/page}

node --check "$folder/page.js"
/usr/bin/python3 - "$folder/page.css" "$root/reports" "$folder/page.js" << 'END'
import glob, os, re, sys
import tinycss2
sheet, sources, script = sys.argv[1:]
text = open(sheet).read()
faults = []

def look(rules):
    for rule in rules:
        if rule.type == "error":
            faults.append(f"{rule.source_line}:{rule.source_column}: {rule.message}")
        if rule.type == "qualified-rule":
            inner = tinycss2.parse_declaration_list(rule.content, True, True)
            look(inner)
            selectors = tinycss2.serialize(rule.prelude)
            classes.update(re.findall(r"\.([A-Za-z][-\w]*)", selectors))
        if rule.type == "at-rule" and rule.content is not None:
            look(tinycss2.parse_rule_list(rule.content, True, True))

classes = set()
look(tinycss2.parse_stylesheet(text, True, True))
defined = set(re.findall(r"(--[-\w]+)\s*:", text))
for used in sorted(set(re.findall(r"var\((--[-\w]+)", text)) - defined):
    faults.append(f"{used} is used and defined nowhere")
made = open(script).read()
for path in glob.glob(os.path.join(sources, "**", "*.[ch]pp"), recursive=True):
    made += open(path).read()
words = set(re.findall(r"[A-Za-z][-\w]*", made))
for name in sorted(classes - words):
    # s0 to s7 are counted up, and v-pass is put together.
    stems = {re.sub(r"\d+$", "", name), re.sub(r"-\w+$", "-", name)} - {name}
    if not any(re.search(r'["\s]' + re.escape(stem) + r'"', made) for stem in stems):
        faults.append(f"no part of the page has the class {name}")
for fault in faults:
    print(f"{sheet}: {fault}")
sys.exit(1 if faults else 0)
END

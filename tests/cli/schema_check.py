#!/usr/bin/env python3
"""What the program accepts its schema accepts too; what has a common mistake both refuse.

schema_check.py DFPIPE_BINARY PIPELINES_FOLDER
Exit code 77: python3-jsonschema or python3-yaml is not installed.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    import jsonschema
    import yaml
except ImportError as e:
    print(e)
    sys.exit(77)


class Loader(yaml.SafeLoader):
    """YAML 1.2's scalars, as editors read them: 50e6 is a number, yes is text."""


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("bool", r"true|false", "tf"),
    ("null", r"null|~|", ["n", "~", ""]),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
]:
    Loader.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(f"^(?:{pattern})$"), list(first))

IMAGES = "  f: {type: image-files, with: {path: pictures}}\n"
GOOD = {
    "empty maps": "pipeline: x\nparams:\nrun:\nresources:\nnodes:\n  f: {type: image-files, with: {path: 3}, in:, use:}\n",
    "a fragment": "params: {a: {type: text, default: x}}\n",
    "device threads": "pipeline: x\nrun: {device_threads: 4}\nnodes:\n" + IMAGES,
    "a default by name": 'pipeline: x\nparams: {b: {type: integer, default: 1}, a: {type: integer, default: "${b}"}}\nnodes:\n' + IMAGES,
    "a number as a name": "pipeline: 2024\nabout: 3\nnodes:\n" + IMAGES,
    "pieces for an included file": "pipeline: x\ninclude: [y.yaml]\nnodes:\n  f: {with: {path: x}}\n",
    "a part": "part: x\nin: {image: image}\nnodes: {}\n",
}
BAD = {
    "an unknown key": "pipeline: x\nnodez: {}\n",
    "an unknown parameter": "pipeline: x\nnodes:\n  f: {type: image-files, with: {path: x, pth: y}}\n",
    "a missing parameter": "pipeline: x\nnodes:\n  f: {type: image-files}\n",
    "a wrong default": "pipeline: x\nparams: {a: {type: integer, default: many}}\nnodes: {}\n",
    "device threads out of range": "pipeline: x\nrun: {device_threads: 0}\nnodes: {}\n",
    "a resource without its model": "pipeline: x\nresources: {d: {type: detector}}\nnodes: {}\n",
    "a map as a sentence": "pipeline: x\nabout: {a: b}\nnodes: {}\n",
}


def main(binary, folder):
    schema = json.loads(subprocess.run([binary, "schema"], check=True, capture_output=True).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)

    def errors(text):
        return [f"{list(e.absolute_path)}: {e.message}" for e in validator.iter_errors(yaml.load(text, Loader))]

    shipped = {str(f): f.read_text() for f in sorted(pathlib.Path(folder).rglob("*.yaml"))}
    wrong = [f"{name}: {e}" for name, text in {**shipped, **GOOD}.items() for e in errors(text)]
    wrong += [f"{name}: accepted" for name, text in BAD.items() if not errors(text)]

    def program_accepts(text):
        with tempfile.TemporaryDirectory() as scratch:
            file = pathlib.Path(scratch, "p.yaml")
            file.write_text(text)
            return subprocess.run([binary, "validate", file], capture_output=True).returncode == 0

    pipelines = {name: text for name, text in GOOD.items() if text.startswith("pipeline:") and "image-files" in text}
    wrong += [f"{name}: the program refuses it" for name, text in pipelines.items() if not program_accepts(text)]
    wrong += [f"{name}: the program accepts it" for name, text in BAD.items() if program_accepts(text)]
    if not shipped:
        wrong.append(f"{folder}: no pipelines")
    print("\n".join(wrong))
    return bool(wrong)


sys.exit(main(*sys.argv[1:]))

# SPDX-License-Identifier: Apache-2.0
"""Goal: the header made of Lua scripts carries them byte by byte, and a script whose first comment
does not state its contract stops the build with its name. Method: the generator on files made
here; its header compiled and printed by a C program."""
import hashlib
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
GENERATE = ROOT / "lib/store/scripts/generate"
HEADER = "-- Does one thing.\n-- KEYS: a b\n-- ARGV: none\n-- Returns: 1\n"


def generate(*files):
    return subprocess.run([GENERATE, *files], cwd=ROOT, capture_output=True, text=True)


def compiled(tmp_path, header, program):
    (tmp_path / "scripts.h").write_text(header)
    (tmp_path / "program.c").write_text('#include <stdio.h>\n#include "scripts.h"\n' + program)
    subprocess.run(
        ["gcc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", f"-I{ROOT}", f"-I{tmp_path}",
         "-o", tmp_path / "program", tmp_path / "program.c"], check=True)
    return subprocess.run([tmp_path / "program"], check=True, capture_output=True).stdout


def test_no_scripts_make_a_header_that_compiles(tmp_path):
    made = generate()
    assert made.returncode == 0, made.stderr
    assert compiled(tmp_path, made.stdout, "int main(void) { return 0; }\n") == b""


@pytest.mark.parametrize("awk", filter(shutil.which, ["awk", "mawk", "gawk", "original-awk"]))
def test_text_digest_and_keys_come_through_exactly(tmp_path, monkeypatch, awk):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/awk").symlink_to(shutil.which(awk))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    text = HEADER.replace("a b", "a  b ") + (
        'local s = "a\\n\\\\\\"%s??<??/" .. \'é && \\0\'\n\n\tif s then return KEYS[2] end\n  \n')
    script = tmp_path / "take_lease2.lua"
    script.write_bytes(text.encode())
    made = generate(script)
    assert made.returncode == 0, made.stderr
    out = compiled(
        tmp_path, made.stdout,
        "int main(void) { const struct script *s = &SCRIPT_TAKE_LEASE2;\n"
        'printf("%s %s %zu\\n%s", s->name, s->sha1, s->keys_n, s->text); return 0; }\n')
    digest = hashlib.sha1(text.encode()).hexdigest()
    assert out == f"take_lease2 {digest} 2\n{text}".encode()


def test_keys_none_is_no_key(tmp_path):
    script = tmp_path / "count.lua"
    script.write_text(HEADER.replace("a b", "none") + "return 1\n")
    made = generate(script)
    assert made.returncode == 0, made.stderr
    out = compiled(tmp_path, made.stdout,
                   'int main(void) { printf("%zu", SCRIPT_COUNT.keys_n); return 0; }\n')
    assert out == b"0"


@pytest.mark.parametrize("name, text, why", [
    ("x.lua", HEADER.replace("-- KEYS: a b\n", "") + "return 1\n", "KEYS:"),
    ("x.lua", HEADER.replace("-- ARGV: none\n", "") + "return 1\n", "ARGV:"),
    ("x.lua", HEADER.replace("-- Returns: 1\n", "") + "return 1\n", "Returns:"),
    ("x.lua", "return 1\n" + HEADER, "KEYS:"),
    ("x.lua", HEADER.replace("a b", "") + "return 1\n", "KEYS:"),
    ("x.lua", HEADER.replace("a b", "a, b") + "return 1\n", "not a,"),
    ("x.lua", HEADER + "-- KEYS: c\n" + "return 1\n", "second KEYS:"),
    ("x.lua", HEADER + "return KEYS[3]\n", "KEYS[3]"),
    ("x.lua", HEADER + "return KEYS[1] .. KEYS[ 12 ]\n", "KEYS[ 12 ]"),
    ("x.lua", HEADER + "return 1", "line feed"),
    ("x.lua", "", "line feed"),
    ("x.lua", HEADER + "return '\0'\n", "NUL"),
    ("x.lua", HEADER + "return 1\r\n", "control character"),
    ("Take.lua", HEADER + "return 1\n", "begins with a letter"),
    ("take-it.lua", HEADER + "return 1\n", "only a-z"),
    ("take.txt", HEADER + "return 1\n", "not a .lua file"),
])
def test_what_states_no_contract_is_refused_by_name(tmp_path, name, text, why):
    script = tmp_path / name
    script.write_bytes(text.encode())
    made = generate(script)
    assert made.returncode != 0
    assert str(script) in made.stderr
    assert why in made.stderr


def test_two_scripts_of_one_name_and_missing_files_are_refused(tmp_path):
    (tmp_path / "other").mkdir()
    for folder in (tmp_path, tmp_path / "other"):
        (folder / "x.lua").write_text(HEADER + "return 1\n")
    made = generate(tmp_path / "x.lua", tmp_path / "other/x.lua")
    assert made.returncode != 0 and "second script" in made.stderr
    made = generate(tmp_path / "none.lua")
    assert made.returncode != 0 and "none.lua" in made.stderr


def test_the_scripts_of_the_project_pass():
    scripts = sorted((ROOT / "lib/store/scripts").glob("*.lua"))
    made = generate(*scripts)
    assert made.returncode == 0, made.stderr
    for script in scripts:
        assert hashlib.sha1(script.read_bytes()).hexdigest() in made.stdout

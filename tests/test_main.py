import re

import zoo


def test_every_command_is_listed_with_what_it_is_for(fresh_command):
    listed = fresh_command("-m", "zoo").stdout
    commands = re.findall(r"^python -m (zoo\.\w+) +\w", listed, re.M)
    assert "zoo.restore" in commands
    assert "zoo.figures" in commands
    assert not {"zoo.cli", "zoo.__main__"} & set(commands)


def test_every_command_tells_the_version(fresh_command):
    for arguments in (["-m", "zoo"], ["-m", "zoo.restore"], ["train.py"]):
        assert fresh_command(*arguments, "--version").stdout == f"{zoo.__version__}\n"

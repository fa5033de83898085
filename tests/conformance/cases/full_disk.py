# A disk without room: what was asked for is refused, nothing is half done, and all is well once there is room again.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import os
import shutil
import subprocess

from wire import names
from wire.case import case
from wire.client import Unexpected
from wire.world import Skip

SMALL = "small"


def _on_a_small_disk(text, folder):
    small = os.path.join(folder, SMALL)
    os.mkdir(small)
    if subprocess.call(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", small], stderr=subprocess.DEVNULL) != 0:
        raise Skip("a small disk cannot be mounted here")
    shutil.copytree(os.path.join(folder, "demo", "data"), os.path.join(small, "data"))
    return text.replace('data = "data"', 'data = "%s/data"' % small)


def _register(world, user):
    client = world.to_sasl(source=world.new_source())
    answer = client.ask("<query xmlns='%s'><username>%s</username><password>x</password></query>" % (
        names.REGISTER, user), "set")
    client.close()
    return answer


def _fill(name):
    """All that the disk takes."""
    with open(name, "wb", buffering=0) as f:
        try:
            while f.write(b"\0" * 65536):
                pass
        except OSError:
            pass


@case(own_server=True, server={"edit": _on_a_small_disk})
def a_full_disk_refuses_and_loses_nothing(world):
    """DESIGN: a full disk is an error to the client, and never a crash or half a record"""
    small = os.path.join(world.server.folder, SMALL)
    try:
        before = world.account()
        _fill(os.path.join(small, "filler"))
        answer = _register(world, "nobody-yet")
        if answer.get("type") != "error" or "resource-constraint" not in str(answer):
            raise Unexpected("with a full disk: %s" % answer)
        world.online(before)
        os.remove(os.path.join(small, "filler"))
        answer = _register(world, "nobody-yet")
        if answer.get("type") != "result":
            raise Unexpected("with room again: %s" % answer)
    finally:
        subprocess.call(["umount", "-l", small])

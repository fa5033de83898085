# The parts of tests/crash/rooms: person.py is one client, crowd.py all of them and their rooms, act.py what they do,
# agreement.py what they must agree on.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

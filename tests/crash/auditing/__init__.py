# What people were told and what came of it, while a server was killed under them.  tests/crash/audit is the command.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

# The cases, one file for each area.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

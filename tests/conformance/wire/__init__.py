# The wire: what the conformance and interop suites share to start a server and to speak to it in raw bytes.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

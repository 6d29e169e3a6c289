# SPDX-License-Identifier: Apache-2.0
"""Ebb on a real broker and a real Redis, with everything that can die dying. README.md says what it does."""

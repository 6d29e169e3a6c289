# SPDX-License-Identifier: Apache-2.0
"""What the integration tests share, one idea a file: waiting, processes, paths, then one file for each
thing that runs beside Ebb: kafka, redis_server, world, stand_ins. conftest.py makes fixtures of them."""

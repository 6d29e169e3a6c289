a = 1
b = 2
c = 3
# SPDX-License-Identifier: Apache-2.0

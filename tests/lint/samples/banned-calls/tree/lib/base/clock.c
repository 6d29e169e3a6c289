/* SPDX-License-Identifier: Apache-2.0 */
int64_t clock_wall_ms(void) { return clock_gettime(a, b); }

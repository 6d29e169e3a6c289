/* SPDX-License-Identifier: Apache-2.0 */
extern const struct record A_RECORD, B_RECORD;
extern const struct record C_RECORD;

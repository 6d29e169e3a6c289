/* SPDX-License-Identifier: Apache-2.0 */
    ROW(A_RECORD),
    ROW(C_RECORD),

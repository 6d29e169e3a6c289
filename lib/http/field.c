/* SPDX-License-Identifier: Apache-2.0
 * See field.h. */
#include "lib/http/field.h"

#include <string.h>

bool http_field_is_token(struct str s)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool digit = c >= '0' && c <= '9';
        if (!letter && !digit && (!c || !strchr(marks, c))) return false;
    }
    return s.n > 0;
}

bool http_field_is_value(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c < ' ' && c != '\t') || c == 0x7f) return false;
    }
    return true;
}

struct str http_field_lower(struct arena *a, struct str s)
{
    char *p = arena_alloc(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        p[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] - 'A' + 'a' : s.p[i]);
    return (struct str){p, s.n};
}

struct str http_origin(struct str url)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < EBB_COUNT(schemes); i++) {
        size_t n = strlen(schemes[i]);
        if (url.n <= n || strncasecmp(url.p, schemes[i], n) != 0) continue;
        size_t end = n;
        while (end < url.n && !memchr("/?#", url.p[end], 3))
            end++;
        return end > n ? (struct str){url.p, end} : STR_NONE;
    }
    return STR_NONE;
}

struct str http_origin_host(struct str origin)
{
    struct str host = origin;
    (void)str_cut(&host, '/');
    (void)str_cut(&host, '/');
    if (host.n && host.p[0] == '[') {
        host.p++;
        host.n--;
        return str_cut(&host, ']');
    }
    return str_cut(&host, ':');
}

bool http_host_is_near(struct str host)
{
    static const char *const patterns[] = {"localhost", "*.localhost", "127.*",     "::1",
                                           "169.254.*", "fe80:*",      "fd00:ec2:*"};
    for (size_t i = 0; i < EBB_COUNT(patterns); i++)
        if (str_matches(host, str_from(patterns[i]))) return true;
    return false;
}

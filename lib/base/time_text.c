/* SPDX-License-Identifier: Apache-2.0
 * See time_text.h. Calendar arithmetic after the proleptic Gregorian calendar; no locale, no time
 * zone database. */
#include "lib/base/time_text.h"

#include "lib/base/err.h"

#define MS_PER_DAY ((int64_t)86400 * 1000)
#define END_MS     ((int64_t)2932897 * MS_PER_DAY) /* of the year 9999 */

struct civil {
    int64_t year, month, day, hour, minute, second, ms;
};

static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    /* March-based years put the leap day last, so a month's offset is one linear formula. */
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t m = month <= 2 ? month + 9 : month - 3;
    int64_t era = y / 400, year_of_era = y % 400;
    int64_t day_of_year = (153 * m + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static struct civil civil_of(int64_t ms)
{
    int64_t days = ms / MS_PER_DAY, rest = ms % MS_PER_DAY;
    if (rest < 0) {
        rest += MS_PER_DAY;
        days--;
    }
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t m = (5 * day_of_year + 2) / 153;
    int64_t month = m < 10 ? m + 3 : m - 9;
    return (struct civil){
        .year = year_of_era + era * 400 + (month <= 2),
        .month = month,
        .day = day_of_year - (153 * m + 2) / 5 + 1,
        .hour = rest / 3600000,
        .minute = rest / 60000 % 60,
        .second = rest / 1000 % 60,
        .ms = rest % 1000,
    };
}

/* Takes `digits` decimal digits off the front of s. */
static bool take_digits(struct str *s, size_t digits, int64_t *out)
{
    if (s->n < digits || !str_to_int((struct str){s->p, digits}, out) || s->p[0] == '-')
        return false;
    *s = (struct str){s->p + digits, s->n - digits};
    return true;
}

static bool take_char(struct str *s, char c)
{
    if (!s->n || s->p[0] != c) return false;
    *s = (struct str){s->p + 1, s->n - 1};
    return true;
}

static bool take_zone(struct str *s, int64_t *offset_minutes)
{
    int64_t hours, minutes = 0;
    *offset_minutes = 0;
    if (take_char(s, 'Z')) return s->n == 0;
    int64_t sign = take_char(s, '+') ? 1 : take_char(s, '-') ? -1 : 0;
    if (!sign || !take_digits(s, 2, &hours)) return false;
    (void)take_char(s, ':'); /* AWS writes both +0000 and +00:00 */
    if (!take_digits(s, 2, &minutes) || hours > 23 || minutes > 59) return false;
    *offset_minutes = sign * (hours * 60 + minutes);
    return s->n == 0;
}

static bool is_valid(const struct civil *c)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (c->year < 1970 || c->month < 1 || c->month > 12) return false;
    bool leap = (c->year % 4 == 0 && c->year % 100 != 0) || c->year % 400 == 0;
    int64_t days = DAYS[c->month - 1] + (c->month == 2 && leap);
    return c->day >= 1 && c->day <= days && c->hour < 24 && c->minute < 60 && c->second < 60;
}

static int64_t ms_of(const struct civil *c)
{
    return days_of(c->year, c->month, c->day) * MS_PER_DAY + c->hour * 3600000 + c->minute * 60000 +
           c->second * 1000 + c->ms;
}

int time_parse_iso(struct str text, int64_t *out_ms)
{
    struct civil c = {0};
    int64_t zone = 0, digit, scale = 100;
    struct str s = text;
    bool ok = take_digits(&s, 4, &c.year) && take_char(&s, '-') && take_digits(&s, 2, &c.month) &&
              take_char(&s, '-') && take_digits(&s, 2, &c.day) && take_char(&s, 'T') &&
              take_digits(&s, 2, &c.hour) && take_char(&s, ':') && take_digits(&s, 2, &c.minute) &&
              take_char(&s, ':') && take_digits(&s, 2, &c.second);
    if (!ok) return E_MALFORMED;
    if (take_char(&s, '.')) {
        if (!take_digits(&s, 1, &digit)) return E_MALFORMED;
        do {
            c.ms += digit * scale;
            scale /= 10;
        } while (take_digits(&s, 1, &digit));
    }
    if (!take_zone(&s, &zone) || !is_valid(&c)) return E_MALFORMED;
    /* Its zone may carry a time over the first or the last of these years. */
    int64_t ms = ms_of(&c) - zone * 60000;
    if (ms < 0 || ms >= END_MS) return E_MALFORMED;
    *out_ms = ms;
    return E_OK;
}

int time_parse_basic(struct str text, int64_t *out_ms)
{
    struct civil c = {0};
    struct str s = text;
    bool ok = take_digits(&s, 4, &c.year) && take_digits(&s, 2, &c.month) &&
              take_digits(&s, 2, &c.day) && take_char(&s, 'T') && take_digits(&s, 2, &c.hour) &&
              take_digits(&s, 2, &c.minute) && take_digits(&s, 2, &c.second) &&
              take_char(&s, 'Z') && s.n == 0;
    if (!ok || !is_valid(&c)) return E_MALFORMED;
    *out_ms = ms_of(&c);
    return E_OK;
}

struct str time_format_iso(struct arena *a, int64_t ms)
{
    struct civil c = civil_of(ms);
    return arena_format(a, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)c.year, (int)c.month,
                        (int)c.day, (int)c.hour, (int)c.minute, (int)c.second, (int)c.ms);
}

struct str time_format_basic(struct arena *a, int64_t ms)
{
    struct civil c = civil_of(ms);
    return arena_format(a, "%04d%02d%02dT%02d%02d%02dZ", (int)c.year, (int)c.month, (int)c.day,
                        (int)c.hour, (int)c.minute, (int)c.second);
}

struct str time_format_span(struct arena *a, int64_t ms)
{
    if (ms < 1000) return arena_format(a, "%d ms", (int)ms);
    if (ms < 60000) return arena_format(a, "%d.%d s", (int)(ms / 1000), (int)(ms % 1000 / 100));
    if (ms < 3600000)
        return arena_format(a, "%d min %d s", (int)(ms / 60000), (int)(ms / 1000 % 60));
    return arena_format(a, "%lld h %d min", (long long)(ms / 3600000), (int)(ms / 60000 % 60));
}

int time_parse_span(struct str text, int64_t *out_ms)
{
    static const struct {
        struct str suffix;
        int64_t ms;
    } UNITS[] = {
        {{"ms", 2}, 1},      {{"s", 1}, 1000},     {{"m", 1}, 60000},
        {{"h", 1}, 3600000}, {{"d", 1}, 86400000},
    };
    int64_t value, unit_ms = 1000;
    struct str number = text;
    for (size_t i = 0; i < EBB_COUNT(UNITS); i++) {
        if (!str_ends(text, UNITS[i].suffix)) continue;
        number.n -= UNITS[i].suffix.n;
        unit_ms = UNITS[i].ms;
        break;
    }
    if (!str_to_int(number, &value) || value < 0) return E_MALFORMED;
    if (__builtin_mul_overflow(value, unit_ms, out_ms)) return E_MALFORMED;
    return E_OK;
}

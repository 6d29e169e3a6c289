/* SPDX-License-Identifier: Apache-2.0 */
/* strcpy(a, b) in words only */
void calls(char *a, const char *b)
{
    strcpy(a, b);
    log("strcat(a, b) in a string");
    own_strcpy(a, b);
    v->time(a);
    char quote = '"'; sprintf(a, "%s", b); // system("x")
    /* rule 12: the one place where a wait for another process has no event */
    usleep(1);
    usleep(2);
    gmtime_r(a, b);
    int64_t now = time (NULL);
    memcpy(a, b, 1); /* strtok(a, b) */ atoi(b);
}
int other = random();

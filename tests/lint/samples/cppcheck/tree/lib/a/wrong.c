_Noreturn void never(void);
int wrong(const int *p);
int wrong(const int *p)
{
    int table[2] = {0, 1};
    if (!p) never();
    return table[2] + *p;
}

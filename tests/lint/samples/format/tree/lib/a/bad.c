int bad(void) {
  return 0;
}

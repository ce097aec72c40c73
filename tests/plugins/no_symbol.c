/* A library that is no provider; with CALLS_NOWHERE it also needs a function that nobody has. */
int something_else(void);
#ifdef CALLS_NOWHERE
int function_that_nobody_has(void);
int something_else(void) {
  return function_that_nobody_has();
}
int (*const keep)(void) = function_that_nobody_has;
#else
int something_else(void) {
  return 1;
}
#endif

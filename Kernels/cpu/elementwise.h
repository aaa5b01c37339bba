// Functions of runs of floats, element by element. `out` may be an operand.

static void NAME(copy)(const float *x, float *out, size_t count, int adds) {
  EACH_VECTOR(i, n, count) NAME(put)(out + i, NAME(load)(x + i, n), n, adds);
}

static void NAME(combine)(int32_t function, const float *a, const float *b, float *out, size_t count, int adds) {
  EACH_VECTOR(i, n, count) {
    vec x = NAME(load)(a + i, n), y = NAME(load)(b + i, n);
    NAME(put)(out + i, function == 0 ? x + y : function == 1 ? x - y : x * y, n, adds);
  }
}

static void NAME(scale)(const float *x, float factor, float *out, size_t count, int adds) {
  EACH_VECTOR(i, n, count) NAME(put)(out + i, NAME(load)(x + i, n) * factor, n, adds);
}

static void NAME(activate)(int32_t activation, const float *x, float *out, size_t count, int adds) {
  EACH_VECTOR(i, n, count) NAME(put)(out + i, NAME(activation)(activation, NAME(load)(x + i, n)), n, adds);
}

static void NAME(activateBackward)(
  int32_t activation, const float *y, const float *dy, float *out, size_t count, int adds) {
  EACH_VECTOR(i, n, count) {
    vec slope = NAME(slope)(activation, NAME(load)(y + i, n));
    NAME(put)(out + i, NAME(load)(dy + i, n) * slope, n, adds);
  }
}

// NaN is kept: its comparisons are false.
static void NAME(clip)(float *x, float limit, size_t count) {
  EACH_VECTOR(i, n, count) {
    vec v = NAME(load)(x + i, n);
    v = v > limit ? (vec)limit : v;
    NAME(store)(x + i, v < -limit ? (vec)-limit : v, n);
  }
}

static void NAME(exponential)(const float *x, float *out, size_t count) {
  EACH_VECTOR(i, n, count) NAME(store)(out + i, NAME(exp)(NAME(load)(x + i, n)), n);
}

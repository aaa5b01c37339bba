// Operands of any strides: up to eight axes, the innermost last, those that are not needed in front with length 1.
//
// Work-items take vectors of the innermost axis, its columns; all other axes are counted as one, the rows.

// An operand: memory, offset of its first element and the strides of its axes; a constant if it has no memory.
#define OPERAND(x) const global float *x, long x##Start, long8 x##Strides, int x##IsNumber, float x##Number

// The elements of an operand from an offset on.
#define LOAD_OPERAND(x, place, stride, count)                                                                              \
  (x##IsNumber ? (floatv)(x##Number) : loadStrided((x) + (place), stride, count))

// Moves to a row: `ADD(k)` adds axis k's strides, `at` times, to the offsets that the kernel keeps. Most axes have
// length 1 and cost one uniform comparison.
#define EACH_AXIS(lengths, row, ADD)                                                                                       \
  {                                                                                                                        \
    int rest = (row);                                                                                                      \
    AXIS(lengths, 6, ADD) AXIS(lengths, 5, ADD) AXIS(lengths, 4, ADD) AXIS(lengths, 3, ADD)                                \
    AXIS(lengths, 2, ADD) AXIS(lengths, 1, ADD) AXIS(lengths, 0, ADD)                                                      \
  }
#define AXIS(lengths, k, ADD)                                                                                              \
  if (lengths.s##k > 1) {                                                                                                  \
    long at = rest % lengths.s##k;                                                                                         \
    rest /= lengths.s##k;                                                                                                  \
    ADD(k)                                                                                                                 \
  }

// Elements `stride` apart, `count` of them valid; all equal if the stride is 0.
#if WIDTH == 1
static inline float loadStrided(const global float *p, long stride, int count) { return *p; }

static inline void putStrided(float v, global float *p, long stride, int count, int adds) { PUT(p, v, adds); }
#else
static floatv __attribute__((noinline)) loadGaps(const global float *p, long stride, int count) {
  float values[WIDTH] = {0};
  for (int i = 0; i < min(count, WIDTH); i++) values[i] = p[i * stride];
  return VLOAD(values);
}

static void __attribute__((noinline)) putGaps(floatv v, global float *p, long stride, int count, int adds) {
  float values[WIDTH];
  VSTORE(v, values);
  for (int i = 0; i < min(count, WIDTH); i++) PUT(p + i * stride, values[i], adds);
}

static inline floatv loadStrided(const global float *p, long stride, int count) {
  if (stride == 1) return loadPart(p, count);
  return stride == 0 ? (floatv)(*p) : loadGaps(p, stride, count);
}

static inline void putStrided(floatv v, global float *p, long stride, int count, int adds) {
  if (stride == 1)
    putPart(v, p, count, adds);
  else
    putGaps(v, p, stride, count, adds);
}
#endif

// The indices of a vector's elements.
#define NUMBERS1 0
#define NUMBERS4 0, 1, 2, 3
#define NUMBERS8 NUMBERS4, 4, 5, 6, 7
#define NUMBERS16 NUMBERS8, 8, 9, 10, 11, 12, 13, 14, 15
#define NUMBERS (intv)(JOIN(NUMBERS, WIDTH))

// The first elements of a vector, 0 beyond.
static inline floatv firstOf(floatv v, int count) { return NUMBERS < (intv)(count) ? v : (floatv)(0.0f); }

// Terms from `term` to `to` as runs along the innermost axis: `column` is the first of a run, `length` their number.
#define EACH_RUN(term, to, column, length)                                                                                 \
  for (int column, length; (term) < (to) && (column = (term) % folded.s7,                                                  \
                                             length = min(folded.s7 - column, (to) - (term)), 1); term += length)

// The number of adjacent vectors of sums per work-item: `OpenCLBackend.fold` sets the launch size accordingly. More of
// a row of terms is read at a time.
#ifdef SIMT
#define ACROSS 1
#else
#define ACROSS 16
#endif

// The start of a run of vectors of sums, with `count` columns left in its row, and the number of vectors.
#define RUN_OF_SUMS                                                                                                        \
  int runs = (kept.s7 + WIDTH * ACROSS - 1) / (WIDTH * ACROSS), run = get_global_id(0);                                    \
  int index = run / runs * kept.s7 + run % runs * WIDTH * ACROSS, count = kept.s7 - run % runs * WIDTH * ACROSS;           \
  int vectors = min(ACROSS, (count + WIDTH - 1) / WIDTH)

// The exponential and the logarithm of any number. GPUs have built-in ones; those of CPU drivers are called per lane.
#ifdef SIMT
#define exponential exp
#define logarithm log
#else
// 2ⁿ in two factors reaches from the smallest numbers to the largest.
static inline floatv exponential(floatv x) {
  x = x > (floatv)(89.0f) ? (floatv)(89.0f) : x;
  x = x < (floatv)(-104.0f) ? (floatv)(-104.0f) : x;
  floatv unused, e = reduced(x, &unused);
  intv n = AS_INTV(fma(x, (floatv)(0x1.715476p0f), (floatv)(0x1.8p23f))) - (intv)(0x4b400000), first = n >> (intv)(1);
  floatv scale = AS_FLOATV((first + (intv)(127)) << (intv)(23));
  return fma(e, scale, scale) * AS_FLOATV((n - first + (intv)(127)) << (intv)(23));
}

// x = 2ⁿ · m with m around 1, and log m = 2 · artanh((m − 1) / (m + 1)) by its series.
static inline floatv logarithm(floatv x) {
  intv bits = AS_INTV(x) - (intv)(0x3f3504f3);  // √½, where m starts
  floatv n = JOIN(convert_float, WIDTH)(bits >> (intv)(23));
  floatv m = AS_FLOATV((bits & (intv)(0x7fffff)) + (intv)(0x3f3504f3));
  floatv s = (m - (floatv)(1.0f)) / (m + (floatv)(1.0f)), z = s * s;
  floatv series = fma(fma(fma(z, (floatv)(1.0f / 9), (floatv)(1.0f / 7)), z, (floatv)(1.0f / 5)), z, (floatv)(1.0f / 3));
  floatv low = fma(n, (floatv)(0x1.7f7d1cp-20f), (floatv)(2.0f) * fma(s, z * series, s));
  floatv y = fma(n, (floatv)(0x1.62e4p-1f), low);
  y = x == (floatv)(INFINITY) ? x : x == (floatv)(0.0f) ? (floatv)(-INFINITY) : y;
  return x >= (floatv)(0.0f) ? y : (floatv)(NAN);
}
#endif

// A function by the raw values of `MapFunction`.
static inline floatv mapped(int function, floatv a, floatv b, floatv c) {
  const floatv zero = 0, one = 1;
  switch (function) {
    case 0: return a;
    case 1: return -a;
    case 2: return exponential(a);
    case 3: return logarithm(a);
    case 4: return sqrt(a);
    case 5: return fabs(a);
    case 6: return a + b;
    case 7: return a - b;
    case 8: return a * b;
    case 9: return a / b;
    case 10: return ((a > b) | (a != a)) ? a : b;
    case 11: return ((a < b) | (a != a)) ? a : b;
    case 12: return a < b ? one : zero;
    case 13: return a <= b ? one : zero;
    case 14: return a == b ? one : zero;
    case 15: return a != b ? one : zero;
    case 16: return exponential(a - b);
    case 17: return a < b ? (b < c ? b : c) : a > c ? c : a;
    case 18: return a != zero ? b : c;
    case 19: return a / (b + b);
    case 20: return b > zero ? a : b < zero ? -a : a * b;
    case 21: return -a * (b / c / c);
    case 22: return b == c ? a * (floatv)(0.5f) : b < c ? zero : a;
    case 23: return b == c ? a : zero;
    case 24: return a - exponential(b) * c;
    default: return a * exponential(b - c);
  }
}

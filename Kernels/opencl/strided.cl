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

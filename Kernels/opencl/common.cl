// What every kernel file starts with: vectors, operands, and functions of floats and vectors.
//
// Kernels have two styles. Wide-vector, for processors: a work-item computes with vectors of WIDTH floats, in work-groups of
// one; there a work-item is a loop body, and this one fills the registers. SIMT, for GPUs: WIDTH is 1, and the work-items of
// a group stand side by side where the vectors' elements stood. Elementwise kernels are the same in both, a work-item for
// each element: dimension 0 the columns, dimension 1 the rows, rounded up to whole work-groups.

#if WIDTH == 1
typedef float floatv;
typedef int intv;
#define VLOAD(p) (*(p))
#define VSTORE(v, p) (*(p) = (v))
#else
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
typedef JOIN(float, WIDTH) floatv;
typedef JOIN(int, WIDTH) intv;
#define AS_FLOATV JOIN(as_float, WIDTH)
#define AS_INTV JOIN(as_int, WIDTH)
#define VLOAD(p) JOIN(vload, WIDTH)(0, p)
#define VSTORE(v, p) JOIN(vstore, WIDTH)(v, 0, p)
#endif

// An operand: memory, where it starts and how far its rows are apart, in elements.
#define INPUT(x) const global float *x, long x##Start, long x##Stride
#define OUTPUT(x) global float *x, long x##Start, long x##Stride
#define INDICES(x) const global int *x, long x##Start
#define ROW(x, row) ((x) + x##Start + (long)(row) * x##Stride)

// Adds to what is there, or replaces it.
#define PUT(p, value, adds) (*(p) = (adds) ? *(p) + (value) : (value))

// A vector of which `count` elements are in memory (0 in the others).
static inline floatv loadPart(const global float *p, int count) {
  if (count >= WIDTH) return VLOAD(p);
  float part[WIDTH];
  for (int i = 0; i < WIDTH; i++) part[i] = i < count ? p[i] : 0;
  return VLOAD(part);
}

static inline void storePart(floatv v, global float *p, int count) {
  if (count >= WIDTH) {
    VSTORE(v, p);
    return;
  }
  float part[WIDTH];
  VSTORE(v, part);
  for (int i = 0; i < count; i++) p[i] = part[i];
}

static inline float sumOf(floatv v) {
  float part[WIDTH], sum = 0;
  VSTORE(v, part);
  for (int i = 0; i < WIDTH; i++) sum += part[i];
  return sum;
}

static inline float maximumOf(floatv v) {
  float part[WIDTH], maximum = -INFINITY;
  VSTORE(v, part);
  for (int i = 0; i < WIDTH; i++) maximum = fmax(maximum, part[i]);
  return maximum;
}

// exp, tanh and the sigmoid, of floats and of vectors: within a few units in the last place, right where they saturate, and
// NaN where the argument is. The built-in ones are called lane by lane on some CPU drivers, ten times as slow.
//
// exp(x) for x ≤ 0: x = n·ln 2 + r with |r| ≤ ½ ln 2, exp(r) by its series, times 2ⁿ by the exponent's bits; 0 below the
// smallest normal number. Adding 1.5·2²³ rounds to an integer and leaves it in the low bits.
#define FUNCTIONS(T, I, AS_T, AS_I)                                                                                        \
  static inline T __attribute__((overloadable)) expNegative(T x) {                                                         \
    T shifted = fma(max(x, (T)(-87.33f)), (T)(1.44269504f), (T)(12582912.0f));                                             \
    T n = shifted - (T)(12582912.0f);                                                                                      \
    T r = fma(n, (T)(-0.693359375f), max(x, (T)(-87.33f)));                                                                \
    r = fma(n, (T)(2.12194440e-4f), r);                                                                                    \
    T p = fma(r, (T)(1.0f / 5040), (T)(1.0f / 720));                                                                       \
    p = fma(p, r, (T)(1.0f / 120));                                                                                        \
    p = fma(p, r, (T)(1.0f / 24));                                                                                         \
    p = fma(p, r, (T)(1.0f / 6));                                                                                          \
    p = fma(p, r, (T)(0.5f));                                                                                              \
    p = fma(p * r, r, r) + (T)(1.0f);                                                                                      \
    T y = AS_T(AS_I(p) + (AS_I(shifted) << 23));                                                                           \
    y = x < (T)(-87.33f) ? (T)(0.0f) : y;                                                                                  \
    return x != x ? x : y;                                                                                                 \
  }                                                                                                                        \
                                                                                                                           \
  static inline T __attribute__((overloadable)) sigmoid(T x) {                                                             \
    T e = expNegative(-fabs(x));                                                                                           \
    return (x < (T)(0.0f) ? e : (T)(1.0f)) / ((T)(1.0f) + e);                                                              \
  }                                                                                                                        \
                                                                                                                           \
  /* Below 0.625 by the odd polynomial of Cephes, which loses nothing near 0; else (1 − e⁻²ˣ) / (1 + e⁻²ˣ). */           \
  static inline T __attribute__((overloadable)) hyperbolicTangent(T x) {                                                   \
    T a = fabs(x), z = x * x;                                                                                              \
    T p = fma(z, (T)(-5.70498872745e-3f), (T)(2.06390887954e-2f));                                                         \
    p = fma(p, z, (T)(-5.37397155531e-2f));                                                                                \
    p = fma(p, z, (T)(1.33314422036e-1f));                                                                                 \
    p = fma(p, z, (T)(-3.33332819422e-1f));                                                                                \
    T e = expNegative(a * (T)(-2.0f));                                                                                     \
    T large = copysign(((T)(1.0f) - e) / ((T)(1.0f) + e), x);                                                              \
    return a < (T)(0.625f) ? fma(p * z, x, x) : large;                                                                     \
  }                                                                                                                        \
                                                                                                                           \
  /* The activations by `Activation`'s numbers, and their slopes from the result. */                                      \
  static inline T __attribute__((overloadable)) activation(int function, T x) {                                            \
    if (function == 0) return hyperbolicTangent(x);                                                                        \
    if (function == 1) return sigmoid(x);                                                                                  \
    return x < (T)(0.0f) ? (T)(0.0f) : x;                                                                                  \
  }                                                                                                                        \
                                                                                                                           \
  static inline T __attribute__((overloadable)) activationSlope(int function, T y) {                                       \
    if (function == 0) return (T)(1.0f) - y * y;                                                                           \
    if (function == 1) return y * ((T)(1.0f) - y);                                                                         \
    return y > (T)(0.0f) ? (T)(1.0f) : (T)(0.0f);                                                                          \
  }

FUNCTIONS(float, int, as_float, as_int)
#if WIDTH > 1
FUNCTIONS(floatv, intv, AS_FLOATV, AS_INTV)
#endif

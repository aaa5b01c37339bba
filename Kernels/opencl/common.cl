// The prelude of every kernel file: vectors, operands, and functions of floats and vectors.
//
// Kernels have two styles. Wide, for processors: a work-item computes with vectors of WIDTH floats, in work-groups of
// one; there a work-item is a loop body, and vectors fill the registers. SIMT, for GPUs: WIDTH is 1, and the work-items of
// a group take the place of the vector elements. Elementwise kernels are the same in both, one work-item per
// element: dimension 0 the columns, dimension 1 the rows, rounded up to whole work-groups.

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#if WIDTH == 1
typedef float floatv;
typedef int intv;
#define VLOAD(p) (*(p))
#define VSTORE(v, p) (*(p) = (v))
#else
typedef JOIN(float, WIDTH) floatv;
typedef JOIN(int, WIDTH) intv;
#define AS_FLOATV JOIN(as_float, WIDTH)
#define AS_INTV JOIN(as_int, WIDTH)
#define VLOAD(p) JOIN(vload, WIDTH)(0, p)
#define VSTORE(v, p) JOIN(vstore, WIDTH)(v, 0, p)
#endif

// An operand: memory, offset of its first element, and row stride, in elements.
#define INPUT(x) const global float *x, long x##Start, long x##Stride
#define OUTPUT(x) global float *x, long x##Start, long x##Stride
#define INDICES(x) const global int *x, long x##Start
#define ROW(x, row) ((x) + x##Start + (long)(row) * x##Stride)

// Adds to the old content, or replaces it.
#define PUT(p, value, adds) (*(p) = (adds) ? *(p) + (value) : (value))

// A vector from its halves. (Spelled out: from two vectors, some compilers emit instructions that Oclgrind does not
// support.)
#define WHOLE4(a, b) a.s0, a.s1, b.s0, b.s1
#define WHOLE8(a, b) a.s0, a.s1, a.s2, a.s3, b.s0, b.s1, b.s2, b.s3
#define WHOLE16(a, b)                                                                                                      \
  a.s0, a.s1, a.s2, a.s3, a.s4, a.s5, a.s6, a.s7, b.s0, b.s1, b.s2, b.s3, b.s4, b.s5, b.s6, b.s7

// A partial vector: `count` < N of its elements are in memory, and the others are `rest`. It is assembled from halves,
// in registers: element by element, or through private memory, it takes several times as long.
#define PART(T, N, HALF)                                                                                                   \
  static inline T##N __attribute__((overloadable)) loadPart##N(const global T *p, int count, T rest) {                     \
    int whole = count >= HALF;                                                                                             \
    T##HALF part = loadPart##HALF(whole ? p + HALF : p, whole ? count - HALF : count, rest);                               \
    T##HALF low = whole ? vload##HALF(0, p) : part, high = whole ? part : (T##HALF)(rest);                                 \
    return (T##N)(WHOLE##N(low, high));                                                                                    \
  }                                                                                                                        \
                                                                                                                           \
  static inline void __attribute__((overloadable)) storePart##N(T##N v, global T *p, int count) {                          \
    int whole = count >= HALF;                                                                                             \
    if (whole) vstore##HALF(v.lo, 0, p);                                                                                   \
    storePart##HALF(whole ? v.hi : v.lo, whole ? p + HALF : p, whole ? count - HALF : count);                              \
  }

// The rest of a row is loaded and stored by functions: inlined, they would need the common case's registers. Without vectors
// they are a comparison.
#if WIDTH == 1
#define REST_INLINING always_inline
#else
#define REST_INLINING noinline
#endif

#define PARTS(T)                                                                                                           \
  static inline T __attribute__((overloadable)) loadPart1(const global T *p, int count, T rest) {                          \
    return count > 0 ? *p : rest;                                                                                          \
  }                                                                                                                        \
                                                                                                                           \
  static inline T##2 __attribute__((overloadable)) loadPart2(const global T *p, int count, T rest) {                       \
    return (T##2)(count > 0 ? *p : rest, rest);                                                                            \
  }                                                                                                                        \
                                                                                                                           \
  static inline void __attribute__((overloadable)) storePart1(T v, global T *p, int count) {                               \
    if (count > 0) *p = v;                                                                                                 \
  }                                                                                                                        \
                                                                                                                           \
  static inline void __attribute__((overloadable)) storePart2(T##2 v, global T *p, int count) {                            \
    if (count > 0) *p = v.lo;                                                                                              \
  }                                                                                                                        \
                                                                                                                           \
  PART(T, 4, 2)                                                                                                            \
  PART(T, 8, 4)                                                                                                            \
  PART(T, 16, 8)                                                                                                           \
                                                                                                                           \
  static T##v __attribute__((REST_INLINING, overloadable)) loadRest(const global T *p, int count, T rest) {                \
    return JOIN(loadPart, WIDTH)(p, count, rest);                                                                          \
  }                                                                                                                        \
                                                                                                                           \
  static void __attribute__((REST_INLINING, overloadable)) storeRest(T##v v, global T *p, int count) {                     \
    JOIN(storePart, WIDTH)(v, p, count);                                                                                   \
  }                                                                                                                        \
                                                                                                                           \
  /* A vector of which `count` elements are in memory; the others are `rest`, or 0. */                                     \
  static inline T##v __attribute__((overloadable)) loadPart(const global T *p, int count, T rest) {                        \
    return count >= WIDTH ? VLOAD(p) : loadRest(p, count, rest);                                                           \
  }                                                                                                                        \
                                                                                                                           \
  static inline T##v __attribute__((overloadable)) loadPart(const global T *p, int count) {                                \
    return loadPart(p, count, (T)0);                                                                                       \
  }                                                                                                                        \
                                                                                                                           \
  static inline void __attribute__((overloadable)) storePart(T##v v, global T *p, int count) {                             \
    if (count >= WIDTH)                                                                                                    \
      VSTORE(v, p);                                                                                                        \
    else                                                                                                                   \
      storeRest(v, p, count);                                                                                              \
  }

PARTS(float)
PARTS(int)

// Adds a partial vector to the old content, or replaces it.
static inline void putPart(floatv v, global float *p, int count, int adds) {
  storePart(adds ? loadPart(p, count) + v : v, p, count);
}

// The larger one; a NaN in `b` is ignored.
#define LARGER(a, b) ((b) > (a) ? (b) : (a))

// The sum and the maximum of a vector's elements, by halving.
static inline float __attribute__((overloadable)) sumOf(float v) { return v; }
static inline float __attribute__((overloadable)) maximumOf(float v) { return v; }
#define FOLDS(T)                                                                                                           \
  static inline float __attribute__((overloadable)) sumOf(T v) { return sumOf(v.lo + v.hi); }                              \
  static inline float __attribute__((overloadable)) maximumOf(T v) { return maximumOf(LARGER(v.lo, v.hi)); }
FOLDS(float2)
FOLDS(float4)
FOLDS(float8)
FOLDS(float16)

// exp, tanh and the sigmoid, of floats and of vectors: within a few units in the last place, right where they saturate, and
// NaN where the argument is. The built-in ones are called lane by lane on some CPU drivers, ten times as slow.
//
// x = n·ln 2 + r with |r| ≤ ½ ln 2: `reduced` gives eʳ − 1, by a minimax polynomial of (eʳ − 1 − r) / r², and 2ⁿ. Adding
// 1.5·2²³ rounds to an integer and leaves it in the low bits; ln 2 is in two parts, so that n times the first is exact.
#define FUNCTIONS(T, I, AS_T, AS_I)                                                                                        \
  static inline T __attribute__((overloadable)) reduced(T x, T *scale) {                                                   \
    T shifted = fma(x, (T)(0x1.715476p0f), (T)(0x1.8p23f)), n = shifted - (T)(0x1.8p23f);                                  \
    *scale = AS_T((AS_I(shifted) + (I)(127)) << (I)(23));                                                                  \
    T r = fma(n, (T)(-0x1.7f7d1cp-20f), fma(n, (T)(-0x1.62e4p-1f), x));                                                    \
    T q = fma(r, (T)(0x1.6bebeep-10f), (T)(0x1.1227f6p-7f));                                                               \
    q = fma(q, r, (T)(0x1.555674p-5f));                                                                                    \
    q = fma(q, r, (T)(0x1.5554bp-3f));                                                                                     \
    q = fma(q, r, (T)(0x1.fffffep-2f));                                                                                    \
    return fma(q, r * r, r);                                                                                               \
  }                                                                                                                        \
                                                                                                                           \
  /* eˣ for x ≤ 0; 0 below the smallest normal number. */                                                                  \
  static inline T __attribute__((overloadable)) expNegative(T x) {                                                         \
    T scale, e = reduced(x < (T)(-87.33f) ? (T)(-87.33f) : x, &scale);                                                     \
    return x < (T)(-87.33f) ? (T)(0.0f) : fma(e, scale, scale);                                                            \
  }                                                                                                                        \
                                                                                                                           \
  /* 1 / (1 + e⁻ˣ). */                                                                                                     \
  static inline T __attribute__((overloadable)) sigmoid(T x) {                                                             \
    x = x > (T)(87.0f) ? (T)(87.0f) : x;                                                                                   \
    x = x < (T)(-87.0f) ? (T)(-87.0f) : x;                                                                                 \
    T scale, e = reduced(-x, &scale);                                                                                      \
    return (T)(1.0f) / fma(e, scale, scale + (T)(1.0f));                                                                   \
  }                                                                                                                        \
                                                                                                                           \
  /* m / (m + 2) with m = e²ᵃ − 1 for a = |x|; m keeps its relative precision where a is small. */                         \
  static inline T __attribute__((overloadable)) hyperbolicTangent(T x) {                                                   \
    T a = fabs(x);                                                                                                         \
    a = a > (T)(10.0f) ? (T)(10.0f) : a;                                                                                   \
    T scale, e = reduced(a + a, &scale);                                                                                   \
    T m = fma(e, scale, scale - (T)(1.0f));                                                                                \
    return copysign(m / (m + (T)(2.0f)), x);                                                                               \
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

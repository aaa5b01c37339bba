// Vectors of WIDTH floats, and the functions that a gate needs: exp, tanh, sigmoid.

typedef float NAME(vec) __attribute__((ext_vector_type(WIDTH)));
typedef int32_t NAME(ivec) __attribute__((ext_vector_type(WIDTH)));
typedef uint32_t NAME(uvec) __attribute__((ext_vector_type(WIDTH)));
#define vec NAME(vec)
#define ivec NAME(ivec)
#define uvec NAME(uvec)

#define PANEL_VECTORS cpuPanelVectors

// Runs a body for each vector of `count` elements: `i` is its first element, `n` the number of valid ones.
#define EACH_VECTOR(i, n, count) \
  for (size_t i = 0, n; i < (count) && (n = (count) - i < WIDTH ? (count) - i : WIDTH); i += WIDTH)

// Runs CALL(i, vectors) for all columns of a matrix: RUN vectors at a time, to read long runs of each row, and single
// vectors at the end. CALL is inlined with a constant count, so that the vectors stay in registers.
#define RUN 8
#define EACH_RUN(columns, CALL) \
  do { \
    size_t i = 0; \
    for (; i + RUN * WIDTH <= (columns); i += RUN * WIDTH) CALL(i, RUN); \
    for (; i < (columns); i += WIDTH) CALL(i, 1); \
  } while (0)

// A vector whose first `count` elements are loaded, 0 beyond.
INLINE vec NAME(load)(const float *p, size_t count) {
  vec v = 0;
  if (count >= WIDTH) {
    memcpy(&v, p, sizeof v);
    return v;
  }
#if WIDTH == 16
  return __builtin_ia32_loadups512_mask(p, v, (unsigned short)((1u << count) - 1));
#else
  for (size_t i = 0; i < count; i++) v[i] = p[i];
  return v;
#endif
}

INLINE void NAME(store)(float *p, vec v, size_t count) {
  if (count >= WIDTH) {
    memcpy(p, &v, sizeof v);
    return;
  }
#if WIDTH == 16
  __builtin_ia32_storeups512_mask(p, v, (unsigned short)((1u << count) - 1));
#else
  for (size_t i = 0; i < count; i++) p[i] = v[i];
#endif
}

INLINE void NAME(put)(float *p, vec v, size_t count, int adds) {
  NAME(store)(p, adds ? NAME(load)(p, count) + v : v, count);
}

// The sum of the elements, by halving.
INLINE float NAME(total)(vec v) {
#pragma clang loop unroll(full)
  for (size_t half = WIDTH / 2; half > 0; half /= 2)
#pragma clang loop unroll(full)
    for (size_t i = 0; i < half; i++) v[i] += v[i + half];
  return v[0];
}

// The larger, NaN if either is NaN.
INLINE vec NAME(larger)(vec a, vec b) {
  return ((a > b) | (a != a)) ? a : b;
}

// 2ⁿ for n in −126 … 127.
INLINE vec NAME(power)(ivec n) {
  ivec bits = (n + 127) << 23;
  vec v;
  memcpy(&v, &bits, sizeof v);
  return v;
}

// Splits x into n · ln 2 + r with |r| ≤ ln 2 / 2, and gives n and eʳ − 1. The polynomial is a minimax fit of
// (eʳ − 1 − r) / r², 2e-8 relative. ln 2 is split in two so that n times its first part is exact.
INLINE vec NAME(reduced)(vec x, ivec *n) {
  vec shifted = x * 0x1.715476p0f + 0x1.8p23f;  // the addition rounds to an integer
  vec whole = shifted - 0x1.8p23f;
  ivec bits;
  memcpy(&bits, &shifted, sizeof bits);
  *n = bits - 0x4b400000;
  vec r = whole * -0x1.62e4p-1f + x;
  r = whole * -0x1.7f7d1cp-20f + r;
  vec q = r * 0x1.6bebeep-10f + 0x1.1227f6p-7f;
  q = q * r + 0x1.555674p-5f;
  q = q * r + 0x1.5554bp-3f;
  q = q * r + 0x1.fffffep-2f;
  return q * (r * r) + r;
}

// eˣ within 2 ulp; infinity above 88.72, 0 below −104; NaN stays. 2ⁿ in two factors reaches both ends.
INLINE vec NAME(exp)(vec x) {
  x = x > 89.0f ? (vec)89.0f : x;
  x = x < -104.0f ? (vec)-104.0f : x;
  ivec n;
  vec e = NAME(reduced)(x, &n);
  ivec half = n >> 1;
  vec scale = NAME(power)(half);
  return (e * scale + scale) * NAME(power)(n - half);
}

// log x within 2 ulp for normal numbers, of log 1 ± x the absolute error: x = 2ⁿ · m with m around 1, and
// log m = 2 · artanh(s) with s = (m − 1) / (m + 1), by its series.
INLINE vec NAME(log)(vec x) {
  ivec bits;
  memcpy(&bits, &x, sizeof bits);
  bits -= 0x3f3504f3;  // √½, where m starts
  vec n = __builtin_convertvector(bits >> 23, vec), m;
  bits = (bits & 0x7fffff) + 0x3f3504f3;
  memcpy(&m, &bits, sizeof m);
  vec s = (m - 1.0f) / (m + 1.0f), z = s * s;
  vec series = ((z * (1.0f / 9) + 1.0f / 7) * z + 1.0f / 5) * z + 1.0f / 3;
  return n * 0x1.62e4p-1f + (n * 0x1.7f7d1cp-20f + 2.0f * (s * z * series + s));
}

// 1 / (1 + e⁻ˣ) within 3 ulp; beyond ±88.3 as there: 1, or 4e-39, which is 0 where denormals are.
INLINE vec NAME(sigmoid)(vec x) {
  x = x > 88.3f ? (vec)88.3f : x;
  x = x < -88.3f ? (vec)-88.3f : x;
  ivec n;
  vec e = NAME(reduced)(-x, &n);
  vec scale = NAME(power)(n);
  return 1.0f / (e * scale + (scale + 1.0f));
}

// tanh within 3 ulp: m / (m + 2) with m = e²ᵃ − 1 for a = |x|; m keeps its relative precision where a is small.
INLINE vec NAME(tanh)(vec x) {
  vec a = x < 0 ? -x : x;
  a = a > 10.0f ? (vec)10.0f : a;
  ivec n;
  vec e = NAME(reduced)(a + a, &n);
  vec scale = NAME(power)(n);
  vec m = e * scale + (scale - 1.0f);
  return __builtin_elementwise_copysign(m / (m + 2.0f), x);
}

// The activations of the Swift enumeration: 0 tanh, 1 sigmoid, 2 ReLU.
INLINE vec NAME(activation)(int32_t kind, vec x) {
  if (kind == 0) return NAME(tanh)(x);
  if (kind == 1) return NAME(sigmoid)(x);
  return x < 0 ? (vec)0.0f : x;
}

// Their derivatives, from their results.
INLINE vec NAME(slope)(int32_t kind, vec y) {
  if (kind == 0) return 1.0f - y * y;
  if (kind == 1) return y * (1.0f - y);
  return y > 0 ? (vec)1.0f : (vec)0.0f;
}

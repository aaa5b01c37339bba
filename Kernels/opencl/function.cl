// The functions of `map` and `fold`, of one to three operands, by the raw values of `MapFunction`.

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

// Those below are called, not inlined, since all functions are in one kernel. T: a float as a vector.
#define CALLED static floatv __attribute__((noinline))
#define T(x) ((floatv)(x))
#define TERM(sum, x, next) fma(sum, x, T(next))

// log(1 + v) / v for v ≥ 0, with the rounding of 1 + v in both (Kahan's).
CALLED logRatio(floatv v) {
  floatv u = T(1) + v;
  return u == T(1) ? T(1) : logarithm(u) / (u - T(1));
}

// The slope of `logRatio`: its series below ⅛.
CALLED logRatioSlope(floatv v) {
  floatv series = TERM(T(-9.0f / 10), v, 8.0f / 9);
  series = TERM(TERM(series, v, -7.0f / 8), v, 6.0f / 7);
  series = TERM(TERM(series, v, -5.0f / 6), v, 4.0f / 5);
  series = TERM(TERM(series, v, -3.0f / 4), v, 2.0f / 3);
  series = TERM(series, v, -0.5f);
  return v < T(0.125f) ? series : (T(1) / (T(1) + v) - logRatio(v)) / v;
}

// log(1 + eˣ).
CALLED softplus(floatv x) {
  floatv e = exponential(-fabs(x));
  return fma(e, logRatio(e), ((x > T(0)) | (x != x)) ? x : T(0));
}

// What log Γ(z) has beside (z − ½) log z − z + ½ log 2π, for z ≥ 3: Stirling's series in u = 1 / z; and its slope.
CALLED stirling(floatv u) {
  floatv w = u * u;
  return u * TERM(TERM(TERM(TERM(T(1.0f / 1188), w, -1.0f / 1680), w, 1.0f / 1260), w, -1.0f / 360), w, 1.0f / 12);
}

CALLED stirlingSlope(floatv u) {
  floatv w = u * u;
  return TERM(TERM(TERM(TERM(T(1.0f / 132), w, -1.0f / 240), w, 1.0f / 252), w, -1.0f / 120), w, 1.0f / 12);
}

// log Γ(x) for x ≥ 0, 3e-7 relative. Below 3 it is t · (t + 1) · a polynomial, which keeps its zeros, with t = x − 2; below 1
// it is that of x + 1, less log x.
CALLED logGamma(floatv x) {
  floatv logX = logarithm(x), t = x < T(1) ? x - T(1) : x - T(2);
  floatv q = TERM(TERM(T(-3.6315517e-5f), t, 7.787132e-5f), t, -5.9032390e-5f);
  q = TERM(TERM(TERM(q, t, 1.3138834e-4f), t, -4.1900584e-4f), t, 9.4364061e-4f);
  q = TERM(TERM(TERM(q, t, -2.1049078e-3f), t, 4.9917927e-3f), t, -1.2384473e-2f);
  q = TERM(TERM(TERM(q, t, 3.2965597e-2f), t, -1.0031730e-1f), t, 4.2278433e-1f);
  floatv small = t * (t + T(1)) * q, large = fma(x - T(0.5f), logX, -x) + (T(0.9189385f) + stirling(T(1) / x));
  floatv y = x < T(1) ? small - logX : x < T(3) ? small : large;
  return x == T(INFINITY) ? x : y;
}

// The slope of log Γ(x) for x ≥ 0, by its series from 6 on: ψ(x) = ψ(x + 6) − 1/x − … − 1/(x + 5), in three pairs.
CALLED digamma(floatv x) {
  floatv u = x * (x + T(5)), pairs = (x + x + T(5)) * (T(1) / u + T(1) / (u + T(4)) + T(1) / (u + T(6)));
  floatv z = x < T(6) ? x + T(6) : x, v = T(1) / z, w = v * v;
  floatv series = logarithm(z) - T(0.5f) * v - w * TERM(TERM(T(1.0f / 252), w, -1.0f / 120), w, 1.0f / 12);
  floatv y = x < T(6) ? series - pairs : series;
  return x >= T(0) ? y : T(NAN);
}

// The negative log-likelihood of y ≥ 0 under a negative binomial distribution of mean m and variance m + a m²:
//   log Γ(y + 1) − P(y, a) − y log(m / (1 + am)) + log(1 + am) / a,  P(y, a) = log Γ(y + 1/a) − log Γ(1/a) + y log a.
// P is the sum of log(1 + ka) for k < y: the terms of log Γ, which cancel where a is small, are left out. By four steps of the
// recurrence it is that of a / (1 + 4a), at most ¼, where Stirling's series is precise.
CALLED negativeBinomial(floatv m, floatv a, floatv y) {
  floatv a2 = a + a, a3 = a2 + a, four = fma(T(4), a, T(1)), b = a / four, v = y * b, ratio = logRatio(v);
  floatv next = fma(y, a, T(1)), am = a * m;
  floatv first = (T(1) + a) / (next * (next + a)), second = (T(1) + a2) * (T(1) + a3) / ((next + a2) * (next + a3));
  floatv steps = logarithm(first) + logarithm(second) + y * logarithm(four);
  floatv p = steps + (y - T(0.5f)) * (ratio * v) + y * (ratio - T(1)) + (stirling(b / (T(1) + v)) - stirling(b));
  floatv hits = y > T(0) ? y * logarithm(m / (T(1) + am)) : T(0);
  return logGamma(y + T(1)) - p - hits + m * logRatio(am);
}

// Its slope in a.
CALLED negativeBinomialSlope(floatv m, floatv a, floatv y) {
  floatv q = T(1) / fma(T(4), a, T(1)), b = a * q, v = y * b, s = T(1) / (T(1) + v), am = a * m, steps = T(4) * y * q;
  for (int k = 0; k < 4; k++) {
    floatv n = T(k), count = y + n;
    steps += n / fma(n, a, T(1)) - count / fma(count, a, T(1));
  }
  floatv series = stirlingSlope(b * s) * s * s - stirlingSlope(b);
  floatv p = steps + q * q * ((y - T(0.5f)) * y * s + y * y * logRatioSlope(v) + series);
  return y * m / (T(1) + am) + m * m * logRatioSlope(am) - p;
}

#undef CALLED
#undef T
#undef TERM

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
    case 25: return a * exponential(b - c);
    case 26: return softplus(a);
    case 27: return a * sigmoid(b);
    case 28: return logGamma(a);
    case 29: return a * digamma(b);
    case 30: return negativeBinomial(a, b, c);
    case 31: return (a - c) / (a * fma(a, b, one));
    default: return negativeBinomialSlope(a, b, c);
  }
}

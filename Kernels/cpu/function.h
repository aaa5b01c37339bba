// Functions of one to three operands, by the raw values of `MapFunction`, with their operand counts.
#ifndef MAP_FUNCTIONS
#define MAP_FUNCTIONS(F) \
  F(0, 1) F(1, 1) F(2, 1) F(3, 1) F(4, 1) F(5, 1) F(6, 2) F(7, 2) F(8, 2) F(9, 2) F(10, 2) F(11, 2) F(12, 2) F(13, 2) \
  F(14, 2) F(15, 2) F(16, 2) F(17, 3) F(18, 3) F(19, 2) F(20, 2) F(21, 3) F(22, 3) F(23, 3) F(24, 3) F(25, 3) \
  F(26, 1) F(27, 2) F(28, 1) F(29, 2) F(30, 3) F(31, 3) F(32, 3)
#endif

// The logarithm for any x: −∞ for 0, NaN for negative x.
INLINE vec NAME(logarithm)(vec x) {
  vec y = x == __builtin_inff() ? x : NAME(log)(x);
  y = x == 0 ? (vec)-__builtin_inff() : y;
  return x >= 0 ? y : (vec)__builtin_nanf("");
}

// log(1 + v) / v for v ≥ 0, with the rounding of 1 + v in both (Kahan's).
INLINE vec NAME(logRatio)(vec v) {
  vec u = 1.0f + v;
  return u == 1 ? (vec)1.0f : NAME(log)(u) / (u - 1.0f);
}

// The slope of `logRatio`: its series below ⅛.
INLINE vec NAME(logRatioSlope)(vec v) {
  vec series = v * (-9.0f / 10) + 8.0f / 9;
  series = series * v - 7.0f / 8;
  series = series * v + 6.0f / 7;
  series = series * v - 5.0f / 6;
  series = series * v + 4.0f / 5;
  series = series * v - 3.0f / 4;
  series = series * v + 2.0f / 3;
  series = series * v - 1.0f / 2;
  return v < 0.125f ? series : (1.0f / (1.0f + v) - NAME(logRatio)(v)) / v;
}

// log(1 + eˣ).
INLINE vec NAME(softplus)(vec x) {
  vec e = NAME(exp)(-__builtin_elementwise_abs(x));
  return e * NAME(logRatio)(e) + NAME(larger)(x, 0);
}

// What log Γ(z) has beside (z − ½) log z − z + ½ log 2π, for z ≥ 3: Stirling's series in u = 1 / z.
INLINE vec NAME(stirling)(vec u) {
  vec w = u * u;
  return u * ((((w * (1.0f / 1188) - 1.0f / 1680) * w + 1.0f / 1260) * w - 1.0f / 360) * w + 1.0f / 12);
}

INLINE vec NAME(stirlingSlope)(vec u) {
  vec w = u * u;
  return (((w * (1.0f / 132) - 1.0f / 240) * w + 1.0f / 252) * w - 1.0f / 120) * w + 1.0f / 12;
}

// log Γ(x) for x ≥ 0, 3e-7 relative. Below 3 it is t · (t + 1) · a polynomial, which keeps its zeros, with t = x − 2; below 1
// it is that of x + 1, less log x.
INLINE vec NAME(logGamma)(vec x) {
  vec logX = NAME(logarithm)(x), t = x < 1 ? x - 1.0f : x - 2.0f;
  vec q = t * -3.6315517e-5f + 7.787132e-5f;
  q = q * t - 5.9032390e-5f;
  q = q * t + 1.3138834e-4f;
  q = q * t - 4.1900584e-4f;
  q = q * t + 9.4364061e-4f;
  q = q * t - 2.1049078e-3f;
  q = q * t + 4.9917927e-3f;
  q = q * t - 1.2384473e-2f;
  q = q * t + 3.2965597e-2f;
  q = q * t - 1.0031730e-1f;
  q = q * t + 4.2278433e-1f;
  vec small = t * (t + 1.0f) * q, large = (x - 0.5f) * logX - x + (0.9189385f + NAME(stirling)(1.0f / x));
  vec y = x < 1 ? small - logX : x < 3 ? small : large;
  return x == __builtin_inff() ? x : y;
}

// The slope of log Γ(x) for x ≥ 0, by its series from 6 on: ψ(x) = ψ(x + 6) − 1/x − … − 1/(x + 5), in three pairs.
INLINE vec NAME(digamma)(vec x) {
  vec u = x * (x + 5.0f), pairs = (x + x + 5.0f) * (1.0f / u + 1.0f / (u + 4.0f) + 1.0f / (u + 6.0f));
  vec z = x < 6 ? x + 6.0f : x, v = 1.0f / z, w = v * v;
  vec series = NAME(logarithm)(z) - 0.5f * v - w * (1.0f / 12 - w * (1.0f / 120 - w * (1.0f / 252)));
  vec y = x < 6 ? series - pairs : series;
  return x >= 0 ? y : (vec)__builtin_nanf("");
}

// The negative log-likelihood of y ≥ 0 under a negative binomial distribution of mean m and variance m + a m²:
//   log Γ(y + 1) − P(y, a) − y log(m / (1 + am)) + log(1 + am) / a,  P(y, a) = log Γ(y + 1/a) − log Γ(1/a) + y log a.
// P is the sum of log(1 + ka) for k < y: the terms of log Γ, which cancel where a is small, are left out. By four steps of the
// recurrence it is that of a / (1 + 4a), at most ¼, where Stirling's series is precise.
INLINE vec NAME(negativeBinomial)(vec m, vec a, vec y) {
  vec b = a / (1.0f + 4.0f * a), v = y * b, ratio = NAME(logRatio)(v), ya = y * a, am = a * m;
  vec first = (1.0f + a) / ((1.0f + ya) * (1.0f + ya + a));
  vec second = (1.0f + 2.0f * a) * (1.0f + 3.0f * a) / ((1.0f + ya + 2.0f * a) * (1.0f + ya + 3.0f * a));
  vec steps = NAME(log)(first) + NAME(log)(second) + y * NAME(log)(1.0f + 4.0f * a);
  vec p = steps + (y - 0.5f) * (ratio * v) + y * (ratio - 1.0f) + (NAME(stirling)(b / (1.0f + v)) - NAME(stirling)(b));
  vec hits = y > 0 ? y * NAME(log)(m / (1.0f + am)) : (vec)0.0f;
  return NAME(logGamma)(y + 1.0f) - p - hits + m * NAME(logRatio)(am);
}

// Its slope in a.
INLINE vec NAME(negativeBinomialSlope)(vec m, vec a, vec y) {
  vec q = 1.0f / (1.0f + 4.0f * a), b = a * q, v = y * b, s = 1.0f / (1.0f + v), am = a * m, steps = 4.0f * y * q;
#pragma clang loop unroll(full)
  for (int k = 0; k < 4; k++) {
    vec n = (vec)(float)k, count = y + n;
    steps += n / (1.0f + n * a) - count / (1.0f + count * a);
  }
  vec series = NAME(stirlingSlope)(b * s) * s * s - NAME(stirlingSlope)(b);
  vec p = steps + q * q * ((y - 0.5f) * y * s + y * y * NAME(logRatioSlope)(v) + series);
  return y * m / (1.0f + am) + m * m * NAME(logRatioSlope)(am) - p;
}

// `number` is a compile-time constant, so that only one case remains.
INLINE vec NAME(function)(int number, vec a, vec b, vec c) {
  const vec zero = 0, one = 1;
  switch (number) {
    case 0: return a;
    case 1: return -a;
    case 2: return NAME(exp)(a);
    case 3: return NAME(logarithm)(a);
    case 4: return __builtin_elementwise_sqrt(a);
    case 5: return __builtin_elementwise_abs(a);
    case 6: return a + b;
    case 7: return a - b;
    case 8: return a * b;
    case 9: return a / b;
    case 10: return NAME(larger)(a, b);
    case 11: return ((a < b) | (a != a)) ? a : b;
    case 12: return a < b ? one : zero;
    case 13: return a <= b ? one : zero;
    case 14: return a == b ? one : zero;
    case 15: return a != b ? one : zero;
    case 16: return NAME(exp)(a - b);
    case 17: return a < b ? (b < c ? b : c) : a > c ? c : a;
    case 18: return a != 0 ? b : c;
    case 19: return a / (b + b);
    case 20: return b > 0 ? a : b < 0 ? -a : a * b;
    case 21: return -a * (b / c / c);
    case 22: return b == c ? a * 0.5f : b < c ? zero : a;
    case 23: return b == c ? a : zero;
    case 24: return a - NAME(exp)(b) * c;
    case 25: return a * NAME(exp)(b - c);
    case 26: return NAME(softplus)(a);
    case 27: return a * NAME(sigmoid)(b);
    case 28: return NAME(logGamma)(a);
    case 29: return a * NAME(digamma)(b);
    case 30: return NAME(negativeBinomial)(a, b, c);
    case 31: return (a - c) / (a * (a * b + 1.0f));
    default: return NAME(negativeBinomialSlope)(a, b, c);
  }
}

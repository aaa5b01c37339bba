// Functions of operands of any strides, and cumulative sums both ways, at sizes on both sides of vectors, blocks and runs of them.
#include "driver.h"

static const size_t sizes[] = {1, 3, 7, 8, 17, 63, 64, 65, 130};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

// A difference where the first operand is transposed, and the second is one of: as the result, transposed, a row for all, a number.
static void checkMap(size_t rows, size_t columns, int kind, int adds) {
  size_t gap = rows < 2 ? 2 : rows + 1;
  float *a = numbers((columns - 1) * gap + rows, 1), *b = numbers(rows * columns, 1);
  float *out = numbers(rows * columns, 1), *before = numbers(rows * columns, 0);
  memcpy(before, out, rows * columns * sizeof *out);
  CPUOperand second = kind == 0 ? (CPUOperand){b, 0, columns, 1} : kind == 1 ? (CPUOperand){b, 0, 1, rows}
    : kind == 2 ? (CPUOperand){b, 0, 0, 1} : (CPUOperand){NULL, 0.75f, 0, 0};
  CPUMap map = {7, rows, columns, {{a, 0, 1, gap}, second}, {out, columns, 1, adds}};
  kernels->map(&map);
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < columns; c++) {
      double value = second.data ? (double)second.data[r * second.row + c * second.column] : 0.75;
      compare("strided", out[r * columns + c], a[r + c * gap] - value + (adds ? (double)before[r * columns + c] : 0));
    }
  free(a), free(b), free(out), free(before);
}

// Sums of `count` terms for each of some columns, from the first or from the last.
static void checkScan(size_t count, size_t columns, int isAlong, int isReversed, int adds) {
  size_t row = isAlong ? 1 : columns, column = isAlong ? count : 1, last = (count - 1) * row;
  float *x = numbers(count * columns, 1), *out = numbers(count * columns, 1), *before = numbers(count * columns, 0);
  memcpy(before, out, count * columns * sizeof *out);
  size_t step = isReversed ? -row : row;
  kernels->scan(
    (CPUOperand){x + (isReversed ? last : 0), 0, step, column},
    (CPUResult){out + (isReversed ? last : 0), step, column, adds}, count, columns);
  for (size_t c = 0; c < columns; c++) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
      size_t place = (isReversed ? count - 1 - i : i) * row + c * column;
      sum += x[place];
      compare("cumulative sum", out[place], sum + (adds ? (double)before[place] : 0));
    }
  }
  free(x), free(out), free(before);
}

// A function of `MapFunction` of three numbers.
static double value(int function, float a, float b, float c) {
  float y;
  CPUMap map = {function, 1, 1, {{&a, 0, 1, 1}, {&b, 0, 1, 1}, {&c, 0, 1, 1}}, {&y, 1, 1, 0}};
  kernels->map(&map);
  return y;
}

// The slope of a function that has no zero in its slope, by central differences.
static double slope(double (*f)(double), double x) { return (f(x * (1 + 1e-5)) - f(x * (1 - 1e-5))) / (2e-5 * x); }

// The negative log-likelihood of a count, term by term.
static double negativeBinomial(double m, double a, int y) {
  double sum = lgamma(y + 1) + log1p(a * m) / a - y * log(m / (1 + a * m));
  for (int k = 0; k < y; k++) sum -= log1p(k * a);
  return sum;
}

// Functions of distributions, at small, medium and large numbers.
static void checkDistributions(void) {
  for (double x = -30; x <= 30; x += 0.37) {
    compare("softplus", value(26, (float)x, 0, 0), log1p(exp((double)(float)x)));
    compare("softplus slope", value(27, 2, (float)x, 0), 2 * sigmoid((float)x));
  }
  for (double e = -6; e <= 6; e += 0.013) {
    float x = (float)pow(10, e);
    compare("log gamma", value(28, x, 0, 0), lgamma((double)x));
    compare("digamma", value(29, 1, x, 0), slope(lgamma, x));
  }
  const float sizes[] = {0.001f, 0.02f, 0.3f, 4, 50};
  const int counts[] = {0, 1, 2, 7, 40};
  for (int i = 0; i < 125; i++) {
    float m = sizes[i % 5], a = sizes[i / 5 % 5];
    int y = counts[i / 25];
    double above = negativeBinomial(m, a * (1 + 1e-5), y), below = negativeBinomial(m, a * (1 - 1e-5), y);
    double terms = 1 + (m + y) * (m + y);
    compare("negative binomial", value(30, m, a, (float)y), negativeBinomial(m, a, y));
    compare("its slope in the mean", value(31, m, a, (float)y), (m - y) / (m * (1 + (double)a * m)));
    compare("its slope in the dispersion", value(32, m, a, (float)y) / terms, (above - below) / (2e-5 * a) / terms);
  }
}

void checkStrided(void) {
  checkDistributions();
  for (size_t i = 0; i < SIZES * SIZES; i++) {
    size_t rows = sizes[i / SIZES], columns = sizes[i % SIZES];
    checkMap(rows, columns, (int)(i % 4), (int)(i / 4 % 2));
    checkScan(rows, columns, (int)(i % 2), (int)(i / 2 % 2), (int)(i / 4 % 2));
  }
}

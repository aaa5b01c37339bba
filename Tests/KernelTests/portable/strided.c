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

void checkStrided(void) {
  for (size_t i = 0; i < SIZES * SIZES; i++) {
    size_t rows = sizes[i / SIZES], columns = sizes[i % SIZES];
    checkMap(rows, columns, (int)(i % 4), (int)(i / 4 % 2));
    checkScan(rows, columns, (int)(i % 2), (int)(i / 2 % 2), (int)(i / 4 % 2));
  }
}

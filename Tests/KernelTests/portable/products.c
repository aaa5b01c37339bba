// Functions of numbers, and products of matrices in every layout that a kernel takes.
#include "driver.h"

void checkFunctions(void) {
  for (float x = -30; x < 30; x += 0.037f) {
    float y;
    kernels->exponential(&x, &y, 1);
    compare("exp", y / exp(x), 1);
    kernels->activate(0, &x, &y, 1, 0);
    compare("tanh", y, tanh(x));
    kernels->activate(1, &x, &y, 1, 0);
    compare("sigmoid", y, sigmoid(x));
  }
  // Numbers that drive the bits of an exponent past its ends.
  float ends[] = {INFINITY, -INFINITY, 3e38f, -3e38f, 89, -104, 0}, y[7];
  kernels->exponential(ends, y, 7);
  for (size_t i = 0; i < 7; i++) {
    compare("exp", isinf(y[i]) ? 1e9 : y[i], i == 0 || i == 2 || i == 4 ? 1e9 : exp(ends[i]));
    for (int32_t function = 0; function < 2; function++) {
      kernels->activate(function, ends + i, y, 1, 0);
      compare("activation", y[0], function == 0 ? tanh(ends[i]) : sigmoid(ends[i]));
      kernels->exponential(ends, y, 7);
    }
  }
  float none = NAN;
  for (int32_t function = 0; function < 3; function++) {
    kernels->activate(function, &none, y, 1, 0);
    compare("NaN", isnan(y[0]), 1);
  }
}

static void compareProduct(const char *name, const float *c, const float *a, const float *b, size_t m, size_t n, size_t k) {
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      double sum = 0;
      for (size_t p = 0; p < k; p++) sum += (double)a[i * k + p] * b[p * n + j];
      compare(name, c[i * n + j], sum);
    }
}

static float *transposed(const float *x, size_t rows, size_t columns) {
  float *out = numbers(rows * columns, 1);
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) out[j * rows + i] = x[i * columns + j];
  return out;
}

// One layout of each operand; sums of two halves of k, the second added to the first, twice as large and scaled.
static void checkLayout(
  const float *a, CPUMatrix left, const float *b, CPUMatrix right, size_t m, size_t n, size_t k, int isTransposed,
  int isTiled) {
  size_t rows = kernels->tileRows, half = k / 2, depths[] = {half, k - half};
  float *packed = numbers(k * cpuPanelVectors * kernels->width, 1);
  float *tiles = numbers((m + rows - 1) / rows * rows * k, 1), *c = numbers(m * n, 1);
  for (size_t part = 0; part < 2; part++) {
    size_t start = part * half, depth = depths[part];
    CPUMatrix l = {left.data + start * left.columnStride, left.rowStride, left.columnStride};
    if (isTiled) kernels->packTiles(tiles, l, m, (CPURuns){1, depth, 0});
    for (size_t place = 0; place < cpuPanelCount(n, kernels->width); place++) {
      CPUPanel panel = cpuPanel(n, kernels->width, place);
      CPUMatrix r = {
        right.data + start * right.rowStride + panel.first * right.columnStride, right.rowStride, right.columnStride};
      kernels->pack(packed, r, (CPURuns){1, depth, 0}, panel.columns, panel.vectors, 0);
      CPUResult out = {
        c + panel.first * (isTransposed ? m : 1), isTransposed ? 1 : n, isTransposed ? m : 1, part > 0};
      kernels->multiply(
        isTiled ? (CPUMatrix){tiles, 1, rows} : l, rows * (isTiled ? depth : left.rowStride), packed, panel.vectors, m,
        depth, out, panel.columns, 0.5f);
    }
  }
  float *result = isTransposed ? transposed(c, n, m) : numbers(0, 1);
  float *twice = isTransposed ? result : c;
  for (size_t i = 0; i < m * n; i++) twice[i] *= 2;
  compareProduct("product", twice, a, b, m, n, k);
  free(packed), free(tiles), free(c), free(result);
}

// Runs of rows with rows between that do not count.
static void checkRuns(size_t m, size_t n, size_t k) {
  float *a = numbers(m * 2 * k, 1), *b = numbers(2 * k * n, 1), *c = numbers(m * n, 1);
  size_t rows = kernels->tileRows, length = (k + 1) / 2;
  CPURuns runs = {2, length, 2 * k - length};
  float *packed = numbers(2 * length * cpuPanelVectors * kernels->width, 1);
  float *tiles = numbers((m + rows - 1) / rows * rows * 2 * length, 1);
  kernels->packTiles(tiles, (CPUMatrix){a, 2 * k, 1}, m, runs);
  for (size_t place = 0; place < cpuPanelCount(n, kernels->width); place++) {
    CPUPanel panel = cpuPanel(n, kernels->width, place);
    kernels->pack(packed, (CPUMatrix){b + panel.first, n, 1}, runs, panel.columns, panel.vectors, 0);
    kernels->multiply(
      (CPUMatrix){tiles, 1, rows}, rows * 2 * length, packed, panel.vectors, m, 2 * length,
      (CPUResult){c + panel.first, n, 1, 0}, panel.columns, 1);
  }
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      double sum = 0;
      for (size_t p = 0; p < 2 * k; p++)
        if (p < length || p >= 2 * k - length) sum += (double)a[i * 2 * k + p] * b[p * n + j];
      compare("product of runs", c[i * n + j], sum);
    }
  free(a), free(b), free(c), free(packed), free(tiles);
}

// Packs `depth` rows of a matrix for a step's `gates` gates of `hidden` units.
float *packCell(CPUMatrix rows, size_t depth, size_t hidden, size_t gates) {
  float *packed = numbers(depth * (hidden + cpuPanelVectors * kernels->width) * gates, 1);
  for (size_t place = 0; place < cpuCellPanelCount(hidden, kernels->width, gates); place++) {
    CPUPanel panel = cpuCellPanel(hidden, kernels->width, gates, place);
    CPUMatrix columns = {rows.data + panel.first * rows.columnStride, rows.rowStride, rows.columnStride};
    kernels->pack(
      packed + panel.offset * depth, columns, (CPURuns){1, depth, 0}, panel.columns, panel.vectors,
      gates > 1 ? hidden * rows.columnStride : 0);
  }
  return packed;
}

static void checkProduct(size_t m, size_t n, size_t k) {
  float *a = numbers(m * k, 1), *b = numbers(k * n, 1), *c = numbers(m * n, 1);
  float *packed = numbers(k * cpuPanelVectors * kernels->width, 1);
  for (size_t place = 0; place < cpuPanelCount(n, kernels->width); place++) {
    CPUPanel panel = cpuPanel(n, kernels->width, place);
    kernels->pack(packed, (CPUMatrix){b + panel.first, n, 1}, (CPURuns){1, k, 0}, panel.columns, panel.vectors, 0);
    kernels->multiply(
      (CPUMatrix){a, k, 1}, kernels->tileRows * k, packed, panel.vectors, m, k,
      (CPUResult){c + panel.first, n, 1, 0}, panel.columns, 1);
  }
  compareProduct("product", c, a, b, m, n, k);

  float *rows = transposed(a, m, k), *columns = transposed(b, k, n);
  kernels->dots((CPUMatrix){a, k, 1}, m, (CPUMatrix){columns, 1, k}, n, k, (CPUResult){c, n, 1, 0}, 1);
  compareProduct("dots", c, a, b, m, n, k);
  CPUMatrix lefts[] = {{a, k, 1}, {rows, 1, m}}, rights[] = {{b, n, 1}, {columns, 1, k}};
  for (int layout = 0; layout < 8; layout++) {
    // A left operand whose rows are not contiguous is packed.
    int isTiled = (layout & 4) || (layout & 1);
    checkLayout(a, lefts[layout & 1], b, rights[layout >> 1 & 1], m, n, k, layout >> 2 & 1, isTiled);
  }
  checkRuns(m, n, k);
  free(a), free(b), free(c), free(rows), free(columns), free(packed);
}

void checkProducts(void) {
  size_t sizes[] = {1, 3, 7, 17, 33, 65};
  for (size_t i = 0; i < 6; i++)
    for (size_t j = 0; j < 6; j++) checkProduct(sizes[i], sizes[j], sizes[(i + 2 * j) % 6]);
}

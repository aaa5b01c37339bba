// Matrix products out of packed panels.
//
//   panel [depth][vectors][WIDTH]      the right operand: row k holds `vectors` vectors side by side
//   tile  [rows][vectors] of vectors   the result, kept in registers while k runs
//
// A tile of 6 × 4 vectors takes 24 of AVX-512's 32 registers. The shorter side of a tile stays in registers while a step of
// k runs, 4 vectors of the panel's row here, and the other passes through one more. AVX2 has 16 registers: 3 × 4 and 3
// broadcast elements and one.

#define MAXIMUM_ROWS 8

// out (+)= a · panel, for constants `rows` and `vectors`. Rows of `out` lie `outStride` floats apart.
INLINE void NAME(tile)(
  size_t rows, size_t vectors, float *out, size_t outStride, int adds, CPUMatrix left, const float *panel,
  size_t depth) {
  const float *a = left.data;
  size_t rowStride = left.rowStride;
  vec sums[MAXIMUM_ROWS][PANEL_VECTORS];
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++)
#pragma clang loop unroll(full)
    for (size_t v = 0; v < vectors; v++) {
      sums[r][v] = 0;
      __builtin_prefetch(out + r * outStride + v * WIDTH, 1);  // it is on its way while the sums run
    }

  for (size_t k = 0; k < depth; k++, a += left.columnStride, panel += vectors * WIDTH) {
    vec elements[MAXIMUM_ROWS], b[PANEL_VECTORS];
    if (rows < vectors) {
#pragma clang loop unroll(full)
      for (size_t r = 0; r < rows; r++) elements[r] = a[r * rowStride];
#pragma clang loop unroll(full)
      for (size_t v = 0; v < vectors; v++) {
        memcpy(&b[v], panel + v * WIDTH, sizeof b[v]);
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) sums[r][v] = elements[r] * b[v] + sums[r][v];
      }
    } else {
#pragma clang loop unroll(full)
      for (size_t v = 0; v < vectors; v++) memcpy(&b[v], panel + v * WIDTH, sizeof b[v]);
#pragma clang loop unroll(full)
      for (size_t r = 0; r < rows; r++) {
        elements[r] = a[r * rowStride];
#pragma clang loop unroll(full)
        for (size_t v = 0; v < vectors; v++) sums[r][v] = elements[r] * b[v] + sums[r][v];
      }
    }
  }
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++)
#pragma clang loop unroll(full)
    for (size_t v = 0; v < vectors; v++) NAME(put)(out + r * outStride + v * WIDTH, sums[r][v], WIDTH, adds);
}

#define TILE_ARGUMENTS \
  float *out, size_t outStride, int adds, CPUMatrix left, const float *panel, size_t depth
#define TILE(rows, vectors) \
  static void NAME(tile##rows##x##vectors)(TILE_ARGUMENTS) { \
    NAME(tile)(rows, vectors, out, outStride, adds, left, panel, depth); \
  }
#define TILES(vectors) TILE(1, vectors) TILE(2, vectors) TILE(3, vectors) TILE(4, vectors)
TILES(2) TILES(3) TILES(4)
#define TILE_NAME(rows, vectors) NAME(tile##rows##x##vectors)
#define FOUR(vectors) TILE_NAME(1, vectors), TILE_NAME(2, vectors), TILE_NAME(3, vectors), TILE_NAME(4, vectors)

// Indexed by vectors and rows; and the largest number of rows for a tile of 2, 3, 4 vectors.
#if TILE_ROWS > 4
TILE(5, 2) TILE(6, 2) TILE(7, 2) TILE(8, 2) TILE(5, 3) TILE(6, 3) TILE(7, 3) TILE(8, 3) TILE(5, 4) TILE(6, 4)
#define SIX(vectors) FOUR(vectors), TILE_NAME(5, vectors), TILE_NAME(6, vectors)
#define EIGHT(vectors) SIX(vectors), TILE_NAME(7, vectors), TILE_NAME(8, vectors)
static void (*const NAME(tiles)[][MAXIMUM_ROWS])(TILE_ARGUMENTS) = {{EIGHT(2)}, {EIGHT(3)}, {SIX(4)}};
static const size_t NAME(rowLimit)[] = {0, 0, 8, 8, 6};
#undef SIX
#undef EIGHT
#else
static void (*const NAME(tiles)[][MAXIMUM_ROWS])(TILE_ARGUMENTS) = {{FOUR(2)}, {FOUR(3)}, {FOUR(4)}};
static const size_t NAME(rowLimit)[] = {0, 0, 4, 4, TILE_ROWS};
#endif
#undef TILE
#undef TILES
#undef TILE_NAME
#undef TILE_ARGUMENTS
#undef FOUR

// out (+)= a · panel with the tile that fits.
INLINE void NAME(product)(
  size_t rows, size_t vectors, float *out, size_t outStride, int adds, CPUMatrix a, const float *panel,
  size_t depth) {
  NAME(tiles)[vectors - 2][rows - 1](out, outStride, adds, a, panel, depth);
}

#if WIDTH == 16
#define LOWER_HALVES 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define UPPER_HALVES 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif WIDTH == 8
#define LOWER_HALVES 0, 8, 1, 9, 2, 10, 3, 11
#define UPPER_HALVES 4, 12, 5, 13, 6, 14, 7, 15
#else
#define LOWER_HALVES 0, 4, 1, 5
#define UPPER_HALVES 2, 6, 3, 7
#endif

// Transposes a square. Row i and the row half the square below it interleave; doing so moves the highest bit of each
// element's row into its column and the other way, and after as many rounds as there are bits all have changed place.
INLINE void NAME(transpose)(vec rows[WIDTH]) {
#pragma clang loop unroll(full)
  for (size_t round = 1; round < WIDTH; round *= 2) {
    vec next[WIDTH];
#pragma clang loop unroll(full)
    for (size_t i = 0; i < WIDTH / 2; i++) {
      next[2 * i] = __builtin_shufflevector(rows[i], rows[i + WIDTH / 2], LOWER_HALVES);
      next[2 * i + 1] = __builtin_shufflevector(rows[i], rows[i + WIDTH / 2], UPPER_HALVES);
    }
#pragma clang loop unroll(full)
    for (size_t i = 0; i < WIDTH; i++) rows[i] = next[i];
  }
}
#undef LOWER_HALVES
#undef UPPER_HALVES

// One of `b`'s strides is 1. Contiguous rows are packed row by row; contiguous columns vector by vector: WIDTH columns
// are as many streams as a processor prefetches.
INLINE void NAME(packRun)(float *panel, CPUMatrix b, size_t depth, size_t columns, size_t vectors, size_t gateStride) {
  size_t row = vectors * WIDTH;
  for (size_t v = 0; v < vectors; v++) {
    const float *source = b.data + v * (gateStride ? gateStride : WIDTH * b.columnStride);
    size_t skipped = gateStride ? 0 : v * WIDTH;
    size_t count = columns <= skipped ? 0 : columns - skipped < WIDTH ? columns - skipped : WIDTH;
    float *out = panel + v * WIDTH;
    if (b.columnStride == 1) {
      for (size_t k = 0; k < depth; k++) NAME(store)(out + k * row, NAME(load)(source + k * b.rowStride, count), WIDTH);
      continue;
    }
    for (size_t k = 0; k < depth; k += WIDTH) {
      size_t n = depth - k < WIDTH ? depth - k : WIDTH;
      vec square[WIDTH];
      for (size_t j = 0; j < WIDTH; j++) square[j] = j < count ? NAME(load)(source + j * b.columnStride + k, n) : 0;
      NAME(transpose)(square);
      for (size_t i = 0; i < n; i++) NAME(store)(out + (k + i) * row, square[i], WIDTH);
    }
  }
}

static void NAME(pack)(
  float *panel, CPUMatrix b, CPURuns depth, size_t columns, size_t vectors, size_t gateStride) {
  for (size_t run = 0; run < depth.count; run++) {
    CPUMatrix rows = {b.data + run * depth.stride * b.rowStride, b.rowStride, b.columnStride};
    NAME(packRun)(panel + run * depth.length * vectors * WIDTH, rows, depth.length, columns, vectors, gateStride);
  }
}

// Eight columns at a time: their cache lines, which hold parts of several tiles, stay in the cache.
static void NAME(packTiles)(float *tiles, CPUMatrix a, size_t rows, CPURuns depth) {
  size_t tileDepth = depth.count * depth.length;
  for (size_t run = 0; run < depth.count; run++) {
    const float *data = a.data + run * depth.stride * a.columnStride;
    float *place = tiles + run * depth.length * TILE_ROWS;
    for (size_t k0 = 0; k0 < depth.length; k0 += 8) {
      size_t k1 = k0 + 8 < depth.length ? k0 + 8 : depth.length;
      for (size_t first = 0; first < rows; first += TILE_ROWS) {
        size_t count = rows - first < TILE_ROWS ? rows - first : TILE_ROWS;
        for (size_t k = k0; k < k1; k++) {
          const float *source = data + first * a.rowStride + k * a.columnStride;
          float *out = place + first * tileDepth + k * TILE_ROWS;
          if (count == TILE_ROWS && a.rowStride == 1) {
            memcpy(out, source, TILE_ROWS * sizeof *out);
          } else {
            for (size_t r = 0; r < TILE_ROWS; r++) out[r] = r < count ? source[r * a.rowStride] : 0;
          }
        }
      }
    }
  }
}

INLINE void NAME(set)(CPUResult c, size_t row, size_t column, float value) {
  float *element = c.data + row * c.rowStride + column * c.columnStride;
  *element = c.adds ? *element + value : value;
}

static void NAME(multiply)(
  CPUMatrix a, size_t tileStride, const float *panel, size_t vectors, size_t rows, size_t depth, CPUResult c,
  size_t columns, float scale) {
  size_t width = vectors * WIDTH;
  for (size_t first = 0; first < rows; first += TILE_ROWS, a.data += tileStride) {
    size_t count = rows - first < TILE_ROWS ? rows - first : TILE_ROWS;
    float *out = c.data + first * c.rowStride;
    if (columns == width && scale == 1 && c.columnStride == 1) {
      NAME(product)(count, vectors, out, c.rowStride, c.adds, a, panel, depth);
      continue;
    }
    float tile[TILE_ROWS * PANEL_VECTORS * WIDTH];
    NAME(product)(count, vectors, tile, width, 0, a, panel, depth);
    for (size_t r = 0; r < count; r++) {
      const float *sums = tile + r * width;
      if (c.columnStride == 1) {
        EACH_VECTOR(i, n, columns)
          NAME(put)(out + r * c.rowStride + i, scale * NAME(load)(sums + i, WIDTH), n, c.adds);
      } else {
        for (size_t i = 0; i < columns; i++) NAME(set)(c, first + r, i, scale * sums[i]);
      }
    }
  }
}

// c (+)= scale · a · b without packing: the rows of `a` and the columns of `b` are contiguous, and each element is a
// dot product. Four of them share the loads of a.
static void NAME(dots)(
  CPUMatrix a, size_t rows, CPUMatrix b, size_t columns, size_t depth, CPUResult c, float scale) {
  for (size_t first = 0; first < columns; first += 4) {
    size_t count = columns - first < 4 ? columns - first : 4;
    const float *right[4];
    for (size_t j = 0; j < 4; j++) right[j] = b.data + (first + (j < count ? j : 0)) * b.columnStride;
    for (size_t r = 0; r < rows; r++) {
      const float *left = a.data + r * a.rowStride;
      vec sums[4] = {0};
      EACH_VECTOR(k, n, depth) {
        vec element = NAME(load)(left + k, n);
#pragma clang loop unroll(full)
        for (size_t j = 0; j < 4; j++) sums[j] = element * NAME(load)(right[j] + k, n) + sums[j];
      }
      for (size_t j = 0; j < count; j++) NAME(set)(c, r, first + j, scale * NAME(total)(sums[j]));
    }
  }
}

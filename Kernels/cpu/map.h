// Functions of one to three operands of any strides, element by element: see function.h.

// Elements `stride` apart; all equal if that is 0.
INLINE vec NAME(loadStrided)(const float *p, size_t stride, size_t n) {
  if (stride == 1) return NAME(load)(p, n);
  if (stride == 0) return (vec)*p;
  vec v = 0;
  for (size_t j = 0; j < n; j++) v[j] = p[j * stride];
  return v;
}

INLINE void NAME(putStrided)(float *p, size_t stride, vec v, size_t n, int adds) {
  if (stride == 1) return NAME(put)(p, v, n, adds);
  for (size_t j = 0; j < n; j++) p[j * stride] = adds ? p[j * stride] + v[j] : v[j];
}

// A square tile of an operand with contiguous rows instead of columns: they are `stride` apart.
INLINE void NAME(loadTransposed)(vec square[WIDTH], const float *p, size_t stride, size_t rows, size_t columns) {
#pragma clang loop unroll(full)
  for (size_t j = 0; j < WIDTH; j++) square[j] = j < columns ? NAME(load)(p + j * stride, rows) : (vec)0.0f;
  NAME(transpose)(square);
}

// One function over rows and columns; `operands` is the number of its operands.
INLINE void NAME(mapFunction)(int number, int operands, const CPUMap *map) {
  const CPUOperand *x = map->operands;
  const float *start[3];
  for (int k = 0; k < operands; k++) start[k] = x[k].data ? x[k].data : &x[k].number;
  CPUResult y = map->out;
  // Elements are contiguous or repeated.
  int isPlain = y.columnStride == 1;
  for (int k = 0; k < operands; k++) isPlain &= x[k].column <= 1;
  for (size_t row = 0; row < map->rows; row++) {
    const float *a = start[0] + row * x[0].row;
    const float *b = operands > 1 ? start[1] + row * x[1].row : a;
    const float *c = operands > 2 ? start[2] + row * x[2].row : a;
    float *out = y.data + row * y.rowStride;
    if (isPlain) {
      vec p = (vec)*a, q = (vec)*b, r = (vec)*c;
      EACH_VECTOR(i, n, map->columns) {
        if (x[0].column) p = NAME(load)(a + i, n);
        if (operands > 1 && x[1].column) q = NAME(load)(b + i, n);
        if (operands > 2 && x[2].column) r = NAME(load)(c + i, n);
        NAME(put)(out + i, NAME(function)(number, p, q, r), n, y.adds);
      }
    } else {
      EACH_VECTOR(i, n, map->columns) {
        vec p = NAME(loadStrided)(a + i * x[0].column, x[0].column, n), q = p, r = p;
        if (operands > 1) q = NAME(loadStrided)(b + i * x[1].column, x[1].column, n);
        if (operands > 2) r = NAME(loadStrided)(c + i * x[2].column, x[2].column, n);
        NAME(putStrided)(out + i * y.columnStride, y.columnStride, NAME(function)(number, p, q, r), n, y.adds);
      }
    }
  }
}

static void NAME(mapBlock)(const CPUMap *map) {
  switch (map->function) {
#define FUNCTION_CASE(number, operands) \
  case number: NAME(mapFunction)(number, operands, map); break;
    MAP_FUNCTIONS(FUNCTION_CASE)
#undef FUNCTION_CASE
  }
}

#define SIDE cpuBlockSide

// Copies a block with contiguous rows to one with contiguous columns. The cache lines of the results are prefetched
// meanwhile: they are far apart, and no hardware prefetcher predicts them.
static CPUOperand NAME(turned)(CPUOperand x, size_t rows, size_t columns, float *block, CPUResult out) {
  for (size_t r = 0; r < rows; r += WIDTH)
    EACH_VECTOR(c, n, columns) {
      vec square[WIDTH];
      size_t height = rows - r < WIDTH ? rows - r : WIDTH;
      for (size_t j = 0; j < height; j++)
        __builtin_prefetch(out.data + (r + j) * out.rowStride + c * out.columnStride, 1);
      NAME(loadTransposed)(square, x.data + r + c * x.column, x.column, height, n);
      for (size_t j = 0; j < height; j++) NAME(store)(block + (r + j) * SIDE + c, square[j], WIDTH);
    }
  return (CPUOperand){block, 0, SIDE, 1};
}

static void NAME(map)(const CPUMap *map) {
  int isTransposed[3], turns = 0;
  for (int k = 0; k < 3; k++) turns += isTransposed[k] = map->operands[k].row == 1 && map->operands[k].column > 1;
  if (!turns || map->rows < 8) return NAME(mapBlock)(map);
  float blocks[3][SIDE * SIDE];
  for (size_t row = 0; row < map->rows; row += SIDE)
    for (size_t column = 0; column < map->columns; column += SIDE) {
      CPUMap block = *map;
      block.rows = map->rows - row < SIDE ? map->rows - row : SIDE;
      block.columns = map->columns - column < SIDE ? map->columns - column : SIDE;
      block.out.data += row * block.out.rowStride + column * block.out.columnStride;
      for (int k = 0; k < 3; k++) {
        CPUOperand *x = &block.operands[k];
        if (x->data) x->data += row * x->row + column * x->column;
        if (isTransposed[k]) *x = NAME(turned)(*x, block.rows, block.columns, blocks[k], block.out);
      }
      NAME(mapBlock)(&block);
    }
}
#undef SIDE

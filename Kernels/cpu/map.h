// Functions of one to three operands of any strides, element by element, by the raw values of `MapFunction`, with their
// operand counts.
#ifndef MAP_FUNCTIONS
#define MAP_FUNCTIONS(F) \
  F(0, 1) F(1, 1) F(2, 1) F(3, 1) F(4, 1) F(5, 1) F(6, 2) F(7, 2) F(8, 2) F(9, 2) F(10, 2) F(11, 2) F(12, 2) F(13, 2) \
  F(14, 2) F(15, 2) F(16, 2) F(17, 3) F(18, 3) F(19, 2) F(20, 2) F(21, 3) F(22, 3) F(23, 3) F(24, 3) F(25, 3)
#endif

// The logarithm for any x: −∞ for 0, NaN for negative x.
INLINE vec NAME(logarithm)(vec x) {
  vec y = x == __builtin_inff() ? x : NAME(log)(x);
  y = x == 0 ? (vec)-__builtin_inff() : y;
  return x >= 0 ? y : (vec)__builtin_nanf("");
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
    default: return a * NAME(exp)(b - c);
  }
}

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

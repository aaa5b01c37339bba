// A function of one to three operands of any strides, element by element: see strided.cl. Dimensions: runs of
// RUN vectors of columns, rows.

// The vectors per work-item; `OpenCLBackend.map` sets the launch size accordingly.
#ifndef RUN
#ifdef SIMT
#define RUN 1
#else
#define RUN 8
#endif
#endif

kernel void map(OPERAND(a), OPERAND(b), OPERAND(c), global float *y, long yStart, long8 yStrides, int8 lengths, int rows,
                int function, int adds) {
  int first = get_global_id(0) * WIDTH * RUN, row = get_global_id(1);
  if (first >= lengths.s7 || row >= rows) return;
  long atA = aStart, atB = bStart, atC = cStart, atY = yStart;
#define PLACE(k) atA += at * aStrides.s##k, atB += at * bStrides.s##k, atC += at * cStrides.s##k, atY += at * yStrides.s##k;
  EACH_AXIS(lengths, row, PLACE)
  for (int column = first; column < min(first + WIDTH * RUN, lengths.s7); column += WIDTH) {
    int count = lengths.s7 - column;
    floatv value = mapped(function, LOAD_OPERAND(a, atA + column * aStrides.s7, aStrides.s7, count),
                          LOAD_OPERAND(b, atB + column * bStrides.s7, bStrides.s7, count),
                          LOAD_OPERAND(c, atC + column * cStrides.s7, cStrides.s7, count));
    putStrided(value, y + atY + column * yStrides.s7, yStrides.s7, count, adds);
  }
}

// Whether an operand is contiguous along axis 6, the second innermost.
#define IS_TRANSPOSED(x) (!x##IsNumber && x##Strides.s6 == 1 && x##Strides.s7 > 1)

// The tile of such an operand from column `c0` on, and an element of any operand's tile.
#define LOAD_TILE(x, at, c0, rows, columns)                                                                                \
  if (IS_TRANSPOSED(x)) loadTransposed(x##Tile, x + (at) + (c0) * x##Strides.s7, x##Strides.s7, rows, columns)
#define TILE_OPERAND(x, at, r, c0, c, count)                                                                               \
  (IS_TRANSPOSED(x) ? TILE_VALUE(x##Tile, r, c)                                                                            \
                    : LOAD_OPERAND(x, (at) + (r) * x##Strides.s6 + ((c0) + (c)) * x##Strides.s7, x##Strides.s7, count))

// The same in tiles of the two innermost axes: see transpose.cl. Dimensions: lanes of the runs of adjacent tiles, of
// all rows of tiles.
kernel void mapTransposed(OPERAND(a), OPERAND(b), OPERAND(c), global float *y, long yStart, long8 yStrides, int8 lengths,
                          int function, int adds) {
  TILE_MEMORY(aTile);
  TILE_MEMORY(bTile);
  TILE_MEMORY(cTile);
  int tiles = (lengths.s6 + TILE - 1) / TILE, tile = get_global_id(1), first = COLUMN_BLOCK * TILE * TILE_RUN;
  int r0 = tile % tiles * TILE, rows = min(TILE, lengths.s6 - r0);
  long atA = aStart, atB = bStart, atC = cStart, atY = yStart;
  EACH_AXIS(lengths, tile / tiles * lengths.s6 + r0, PLACE)
  for (int c0 = first; c0 < min(first + TILE * TILE_RUN, lengths.s7); c0 += TILE) {
    int columns = lengths.s7 - c0;
    LOAD_TILE(a, atA, c0, rows, columns);
    LOAD_TILE(b, atB, c0, rows, columns);
    LOAD_TILE(c, atC, c0, rows, columns);
    GROUP_BARRIER;
    EACH_PLACE(r, column) {
      int count = columns - column;
      if (r >= rows || count <= 0) continue;
      floatv value = mapped(function, TILE_OPERAND(a, atA, r, c0, column, count), TILE_OPERAND(b, atB, r, c0, column, count),
                            TILE_OPERAND(c, atC, r, c0, column, count));
      putStrided(value, y + atY + r * yStrides.s6 + (c0 + column) * yStrides.s7, yStrides.s7, count, adds);
    }
  }
}

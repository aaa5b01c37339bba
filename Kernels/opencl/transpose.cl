// Tiles of operands with contiguous rows instead of columns: they are read along the rows, and transposed.
//
//   wide    WIDTH × WIDTH, in registers; a work-item handles TILE_RUN adjacent ones.
//   SIMT    32 × 32, in local memory, which the work-items of a group read and write in turn.

#ifdef SIMT

#define TILE 32
#define TILE_RUN 1

// Columns are padded by one element, to avoid bank conflicts along a row.
#define TILE_MEMORY(tile) local float tile[TILE * (TILE + 1)]
#define TILE_VALUE(tile, r, c) tile[(c) * (TILE + 1) + (r)]

// The elements of a tile that a work-item handles.
#define EACH_PLACE(r, c)                                                                                                   \
  for (int place = LANE, r = place / TILE, c = place % TILE; place < TILE * TILE;                                          \
       place += LANES, r = place / TILE, c = place % TILE)

// tile[r][c] = p[r + c · stride]. Visible to the group after a barrier.
static inline void loadTransposed(local float *tile, const global float *p, long stride, int rows, int columns) {
  EACH_PLACE(c, r)
  if (r < rows && c < columns) TILE_VALUE(tile, r, c) = p[r + c * stride];
}

#else

#define TILE WIDTH
#define TILE_RUN 4
#define TILE_MEMORY(tile) floatv tile[TILE]
#define TILE_VALUE(tile, r, c) tile[r]
#define EACH_PLACE(r, c)                                                                                                   \
  for (int r = 0, c = 0; r < TILE; r++)

// The interleaved elements of two halves. (Spelled out: see WHOLE4.)
#define INTERLEAVED4(a, b) a.s0, b.s0, a.s1, b.s1
#define INTERLEAVED8(a, b) a.s0, b.s0, a.s1, b.s1, a.s2, b.s2, a.s3, b.s3
#define INTERLEAVED16(a, b)                                                                                                \
  a.s0, b.s0, a.s1, b.s1, a.s2, b.s2, a.s3, b.s3, a.s4, b.s4, a.s5, b.s5, a.s6, b.s6, a.s7, b.s7

// Row i and the row half the tile below it interleave; doing so moves the highest bit of each element's row into its column
// and the other way, and after as many rounds as there are bits all have changed place.
static inline void transpose(floatv *rows) {
  _Pragma("unroll") for (int round = 1; round < WIDTH; round *= 2) {
    floatv next[WIDTH];
    _Pragma("unroll") for (int i = 0; i < WIDTH / 2; i++) {
      floatv a = rows[i], b = rows[i + WIDTH / 2];
      next[2 * i] = (floatv)(JOIN(INTERLEAVED, WIDTH)(a.lo, b.lo));
      next[2 * i + 1] = (floatv)(JOIN(INTERLEAVED, WIDTH)(a.hi, b.hi));
    }
    _Pragma("unroll") for (int i = 0; i < WIDTH; i++) rows[i] = next[i];
  }
}

static inline void loadTransposed(floatv *tile, const global float *p, long stride, int rows, int columns) {
  _Pragma("unroll") for (int c = 0; c < WIDTH; c++)
    tile[c] = c < columns ? loadPart(p + c * stride, rows) : (floatv)(0.0f);
  transpose(tile);
}

#endif

// C = scale · op(A) · op(B) by warps: 32 work-items each, whose registers hold 16·ROWS × 8·COLUMNS sums. A work-group has
// LANES_Y × LANES_X warps. Both operands pass through local memory, BLOCK_K values of k at a time; while a tile is
// multiplied, the next one is loaded into registers.
//
// TF32 and BF16 multiply on tensor cores, see mma.cl. FLOAT32 uses fma, and takes sums of more than 1,024 terms (LONG_SUMS) in
// blocks of SUM_BLOCK values of k whose sums are added in order, to limit rounding errors. There a warp's lanes are 8 × 4, lane
// [g, t]; ROWS and COLUMNS are even, and a lane has runs of 4 rows and of 4 columns, each of them a load of 16 bytes for a k:
//
//      row (r < 2·ROWS)          g·4 + r mod 4 + (r div 4)·32
//      column (c < 2·COLUMNS)    t·4 + c mod 4 + (c div 4)·16

#define WARP 32
#define BLOCK_M (16 * ROWS * LANES_Y)
#define BLOCK_N (8 * COLUMNS * LANES_X)
#define ITEMS (WARP * LANES_X * LANES_Y)

#ifdef FLOAT32

#define UNROLL _Pragma("unroll")
#define EXCHANGE local uint *exchange = 0
#define VALUES 1  // of a word
#define BLOCK_K 16
#ifdef LONG_SUMS
#define SUM_BLOCK 256
#endif
#define BUFFERS 2  // A tile is stored while others multiply the one before it.
typedef float tile_t;

// Lanes in the order of their bits g2 g1 t1 g0 t0: so 16 consecutive lanes read 64 bytes of either operand.
#define LANE_G(lane) ((lane) / 2 % 2 + (lane) / 8 * 2)
#define LANE_T(lane) ((lane) % 2 + (lane) / 4 % 2 * 2)

// Adjacent elements along i are adjacent in a tile, whatever the memory layout.
#define TILE_K_MAJOR(kMajor) 0
#define GAP 4

#else

#define BLOCK_K 32
#define BUFFERS 1
typedef uint tile_t;

// As in memory, elements are contiguous along k or along i.
#define TILE_K_MAJOR(kMajor) (kMajor)
#define GAP 8

#endif

// MARK: Tiles

// Word w of row (column) i of a tile. The padding avoids bank conflicts of loads, and limits those of stores to two
// lanes.
#define TILE_WORDS (BLOCK_K / VALUES)
#define PLACE(kMajor, extent, i, w)                                                                                        \
  (TILE_K_MAJOR(kMajor) ? (i) * (TILE_WORDS + 4) + (w) : (w) * ((extent) + GAP) + (i))
#define SPACE(kMajor, extent) (TILE_K_MAJOR(kMajor) ? (extent) * (TILE_WORDS + 4) : TILE_WORDS * ((extent) + GAP))

// A work-item's unit of copying, 4 words: along k (kMajor is 1), or of 4 adjacent i.
#define CHUNK (4 * VALUES)
#define CHUNKS(extent) ((extent)*BLOCK_K / CHUNK / ITEMS)
#define CHUNK_I(kMajor, extent, place) ((kMajor) ? (place) / (BLOCK_K / CHUNK) : (place) % ((extent) / 4) * 4)
#define CHUNK_K(kMajor, extent, place) ((kMajor) ? (place) % (BLOCK_K / CHUNK) * CHUNK : (place) / ((extent) / 4) * VALUES)

// Four adjacent elements, `count` of which exist; the others are 0.
static inline float4 loadFour(const global float *x, int count, int isAligned) {
  if (count >= 4) return isAligned ? *(const global float4 *)x : vload4(0, x);
  return (float4)(count > 0 ? x[0] : 0, count > 1 ? x[1] : 0, count > 2 ? x[2] : 0, 0);
}

// A chunk of an operand that has `count` more rows (columns) and `depth` more values of k; `step` is the stride of the
// other axis.
static inline void loadChunk(float4 *chunk, const global float *x, long step, int kMajor, int extent, int place, int count,
                             int depth, int isAligned) {
  int i = CHUNK_I(kMajor, extent, place), k = CHUNK_K(kMajor, extent, place);
  UNROLL for (int v = 0; v < VALUES; v++) {
    if (kMajor)
      chunk[v] = loadFour(x + i * step + k + 4 * v, i < count ? depth - k - 4 * v : 0, isAligned);
    else
      chunk[v] = loadFour(x + (k + v) * step + i, k + v < depth ? count - i : 0, isAligned);
  }
}

static inline void storeChunk(local tile_t *tile, const float4 *chunk, int kMajor, int extent, int place) {
  int i = CHUNK_I(kMajor, extent, place), k = CHUNK_K(kMajor, extent, place);
  tile += PLACE(kMajor, extent, i, k / VALUES);
#ifdef FLOAT32
  if (kMajor) {
    tile[PLACE(1, extent, 0, 0)] = chunk->s0;
    tile[PLACE(1, extent, 0, 1)] = chunk->s1;
    tile[PLACE(1, extent, 0, 2)] = chunk->s2;
    tile[PLACE(1, extent, 0, 3)] = chunk->s3;
  } else {
    *(local float4 *)tile = *chunk;
  }
#else
#ifdef BF16
  float4 a = chunk[0], b = chunk[1];
  float4 low = kMajor ? (float4)(a.x, a.z, b.x, b.z) : a, high = kMajor ? (float4)(a.y, a.w, b.y, b.w) : b;
  uint4 words = (uint4)(word(low.x, high.x), word(low.y, high.y), word(low.z, high.z), word(low.w, high.w));
#else
  float4 x = *chunk;
  uint4 words = (uint4)(word(x.x), word(x.y), word(x.z), word(x.w));
#endif
  *(local uint4 *)tile = words;
#endif
}

#define LOAD_CHUNKS(chunks, x, step, kMajor, extent, count, depth, isAligned)                                              \
  UNROLL for (int i = 0; i < CHUNKS(extent); i++)                                                                          \
    loadChunk(chunks[i], x, step, kMajor, extent, item + i * ITEMS, count, depth, isAligned)

#define STORE_CHUNKS(tile, chunks, kMajor, extent)                                                                         \
  UNROLL for (int i = 0; i < CHUNKS(extent); i++) storeChunk(tile, chunks[i], kMajor, extent, item + i * ITEMS)

// MARK: Sums

// The float4 sums per lane.
#define SUMS (ROWS * COLUMNS)
#define ALL_SUMS UNROLL for (int s = 0; s < SUMS; s++)

#define PUT_SCALED(p, sum, scale, adds) (*(p) = (adds) ? fma(sum, scale, *(p)) : (sum) * (scale))

#ifdef FLOAT32

// Adds a tile's products to sum[(r · 2·COLUMNS + c) / 4]. The warp has the tile's rows from `row` on, columns likewise.
static inline void multiplyTile(float4 *sum, local const float *leftTile, local const float *rightTile, int row, int column,
                                int lane, local uint *exchange) {
  leftTile += row + LANE_G(lane) * 4;
  rightTile += column + LANE_T(lane) * 4;
  UNROLL for (int k = 0; k < BLOCK_K; k++) {
    float4 right[COLUMNS / 2];
    UNROLL for (int x = 0; x < COLUMNS / 2; x++)
      right[x] = *(local const float4 *)(rightTile + PLACE(0, BLOCK_N, 16 * x, k));
    UNROLL for (int y = 0; y < ROWS / 2; y++) {
      float4 left = *(local const float4 *)(leftTile + PLACE(0, BLOCK_M, 32 * y, k));
      float4 *place = sum + 4 * y * (COLUMNS / 2);
      UNROLL for (int x = 0; x < COLUMNS / 2; x++) {
        place[x] = fma((float4)left.s0, right[x], place[x]);
        place[COLUMNS / 2 + x] = fma((float4)left.s1, right[x], place[COLUMNS / 2 + x]);
        place[COLUMNS + x] = fma((float4)left.s2, right[x], place[COLUMNS + x]);
        place[COLUMNS / 2 * 3 + x] = fma((float4)left.s3, right[x], place[COLUMNS / 2 * 3 + x]);
      }
    }
  }
}

// Stores a warp's sums at `c`, with `rows` and `columns` left.
static inline void storeSums(const float4 *sum, global float *c, long stride, int rows, int columns, int lane, float scale,
                             int adds, int isAligned) {
  ALL_SUMS {
    int r = s / (COLUMNS / 2), i = LANE_G(lane) * 4 + r % 4 + r / 4 * 32, j = LANE_T(lane) * 4 + s % (COLUMNS / 2) * 16;
    global float *place = c + i * stride + j;
    int count = i < rows ? columns - j : 0;
    if (count >= 4 && isAligned) {
      PUT_SCALED((global float4 *)place, sum[s], (float4)scale, adds);
    } else {
      if (count > 0) PUT_SCALED(place, sum[s].s0, scale, adds);
      if (count > 1) PUT_SCALED(place + 1, sum[s].s1, scale, adds);
      if (count > 2) PUT_SCALED(place + 2, sum[s].s2, scale, adds);
      if (count > 3) PUT_SCALED(place + 3, sum[s].s3, scale, adds);
    }
  }
}

#else

// Adds a tile's products to sum[y · COLUMNS + x], a block's of 16 × 8.
static inline void multiplyTile(float4 *sum, local const uint *leftTile, local const uint *rightTile, int row, int column,
                                int lane, local uint *exchange) {
  UNROLL for (int w = 0; w < TILE_WORDS; w += WORDS) {
    uint left[ROWS][4], right[COLUMNS][2];
    UNROLL for (int y = 0; y < ROWS; y++) UNROLL for (int r = 0; r < 4; r++)
      left[y][r] = leftTile[PLACE(LEFT_K_MAJOR, BLOCK_M, row + 16 * y + LEFT_ROW(lane, r), w + LEFT_WORD(lane, r))];
    UNROLL for (int x = 0; x < COLUMNS; x++) UNROLL for (int r = 0; r < 2; r++)
      right[x][r] =
        rightTile[PLACE(RIGHT_K_MAJOR, BLOCK_N, column + 8 * x + RIGHT_COLUMN(lane, r), w + RIGHT_WORD(lane, r))];
    UNROLL for (int y = 0; y < ROWS; y++) UNROLL for (int x = 0; x < COLUMNS; x++)
      multiplyAdd(sum + y * COLUMNS + x, left[y], right[x], exchange);
  }
}

// Stores a warp's sums at `c`, with `rows` and `columns` left.
static inline void storeSums(const float4 *sum, global float *c, long stride, int rows, int columns, int lane, float scale,
                             int adds, int isAligned) {
  ALL_SUMS {
    float sums[4] = {sum[s].s0, sum[s].s1, sum[s].s2, sum[s].s3};
    UNROLL for (int r = 0; r < 4; r++) {
      int i = s / COLUMNS * 16 + SUM_ROW(lane, r), j = s % COLUMNS * 8 + SUM_COLUMN(lane, r);
      if (i < rows && j < columns) PUT_SCALED(c + i * stride + j, sums[r], scale, adds);
    }
  }
}

#endif

// MARK: Products

// Operands of one region each: rows (or columns) of values of k where LEFT_K_MAJOR (RIGHT_K_MAJOR) is 1, else the other way.
// The sum over k is in `splits` of `splitDepth` values, a multiple of 256, each of which gives a result of its own:
// result b · splits + s is split s of product b. Bits 0, 1 and 2 of `aligned` say that 4 neighbours of A, B and C may be
// moved at once.
// Dimensions: tiles of columns · WARP, tiles of rows · warps, batch · splits.
#define WARP_KERNEL kernel __attribute__((reqd_work_group_size(WARP, LANES_X * LANES_Y, 1))) void
WARP_KERNEL matmulWarps(
  INPUT(a), long aBatch, INPUT(b), long bBatch, OUTPUT(c), long cBatch, int m, int n, int depth, int splits, int splitDepth,
  float scale, int adds, int aligned) {
  local tile_t leftTiles[BUFFERS][SPACE(LEFT_K_MAJOR, BLOCK_M)] __attribute__((aligned(16)));
  local tile_t rightTiles[BUFFERS][SPACE(RIGHT_K_MAJOR, BLOCK_N)] __attribute__((aligned(16)));
  EXCHANGE;
  int lane = get_local_id(0), warp = get_local_id(1), item = warp * WARP + lane;
  int row = (int)(get_global_id(1) / (LANES_X * LANES_Y)) * BLOCK_M, column = (int)(get_global_id(0) / WARP) * BLOCK_N;
  long result = get_global_id(2), product = result / splits;
  int from = (int)(result % splits) * splitDepth, count = min(splitDepth, depth - from);

  long aDepthStep = LEFT_K_MAJOR ? 1 : aStride, bDepthStep = RIGHT_K_MAJOR ? 1 : bStride;
  a += aStart + product * aBatch + row * (LEFT_K_MAJOR ? aStride : 1) + from * aDepthStep;
  b += bStart + product * bBatch + column * (RIGHT_K_MAJOR ? bStride : 1) + from * bDepthStep;
  float4 leftChunks[CHUNKS(BLOCK_M)][VALUES], rightChunks[CHUNKS(BLOCK_N)][VALUES];
  LOAD_CHUNKS(leftChunks, a, aStride, LEFT_K_MAJOR, BLOCK_M, m - row, count, aligned & 1);
  LOAD_CHUNKS(rightChunks, b, bStride, RIGHT_K_MAJOR, BLOCK_N, n - column, count, aligned & 2);

  float4 sum[SUMS];
  ALL_SUMS sum[s] = 0;
#ifdef SUM_BLOCK
  float4 total[SUMS];
  ALL_SUMS total[s] = 0;
#else
  const float4 *total = sum;
#endif
  int firstRow = warp / LANES_X * ROWS * 16, firstColumn = warp % LANES_X * COLUMNS * 8;
  for (int k = 0; k < count; k += BLOCK_K) {
    local tile_t *leftTile = leftTiles[k / BLOCK_K % BUFFERS], *rightTile = rightTiles[k / BLOCK_K % BUFFERS];
    if (BUFFERS == 1) barrier(CLK_LOCAL_MEM_FENCE);
    STORE_CHUNKS(leftTile, leftChunks, LEFT_K_MAJOR, BLOCK_M);
    STORE_CHUNKS(rightTile, rightChunks, RIGHT_K_MAJOR, BLOCK_N);
    barrier(CLK_LOCAL_MEM_FENCE);
    int next = k + BLOCK_K;
    if (next < count) {
      LOAD_CHUNKS(leftChunks, a + next * aDepthStep, aStride, LEFT_K_MAJOR, BLOCK_M, m - row, count - next, aligned & 1);
      LOAD_CHUNKS(
        rightChunks, b + next * bDepthStep, bStride, RIGHT_K_MAJOR, BLOCK_N, n - column, count - next, aligned & 2);
    }
    multiplyTile(sum, leftTile, rightTile, firstRow, firstColumn, lane, exchange);
#ifdef SUM_BLOCK
    if (next % SUM_BLOCK == 0 || next >= count) {
      ALL_SUMS total[s] += sum[s];
      ALL_SUMS sum[s] = 0;
    }
#endif
  }

  row += firstRow;
  column += firstColumn;
  c += cStart + result * cBatch + row * cStride + column;
  storeSums(total, c, cStride, m - row, n - column, lane, scale, adds, aligned & 4);
}

// Adds the splits of a product, in order. Dimensions: columns, rows, batch.
kernel void addSplits(const global float *x, OUTPUT(c), long cBatch, int m, int n, int splits, float scale, int adds) {
  int j = get_global_id(0), i = get_global_id(1);
  if (j >= n) return;
  x += ((long)get_global_id(2) * splits * m + i) * n + j;
  float sum = 0;
  for (int s = 0; s < splits; s++) sum += x[(long)s * m * n];
  PUT_SCALED(ROW(c, i) + (long)get_global_id(2) * cBatch + j, sum, scale, adds);
}

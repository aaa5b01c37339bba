// The CPU kernels: one table of functions per instruction set.
//
// Plain C, free of Swift. Every function works on memory that the caller partitioned and checked; none allocates or
// uses threads. Strides count floats. If `adds` is not 0, a result is added to the old content.
#pragma once

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// Items `begin ..< end`.
typedef struct {
  size_t begin, end;
} CPURange;

/// A matrix operand: element (i, j) is at `data[i * rowStride + j * columnStride]`.
typedef struct {
  const float *data;
  size_t rowStride, columnStride;
} CPUMatrix;

/// Rows of a matrix: `count` runs of `length` rows, with `stride` rows between the starts of adjacent runs.
typedef struct {
  size_t count, length, stride;
} CPURuns;

/// A matrix result, laid out as `CPUMatrix`. If `adds` is not 0, results are added to the old content.
typedef struct {
  float *data;
  size_t rowStride, columnStride;
  int adds;
} CPUResult;

/// A panel of a right operand: `columns` columns from column `first` on, in `vectors` vectors. `offset` floats per row
/// precede it.
typedef struct {
  size_t first, columns, vectors, offset;
} CPUPanel;

/// The largest number of adjacent vectors in a panel.
enum { cpuPanelVectors = 4 };

/// The rows and columns of a block of transposed operands: few enough memory pages for the TLB.
enum { cpuBlockSide = 64 };

static inline size_t cpuSmaller(size_t a, size_t b) { return a < b ? a : b; }

/// The number of panels for `columns` columns in vectors of `width`.
static inline size_t cpuPanelCount(size_t columns, size_t width) {
  return ((columns + width - 1) / width + cpuPanelVectors - 1) / cpuPanelVectors;
}

/// Panel `place` of them. They are about equally wide, at least 2 vectors: 5 vectors give 2 and 3, not 4 and 1.
static inline CPUPanel cpuPanel(size_t columns, size_t width, size_t place) {
  size_t vectors = (columns + width - 1) / width, count = cpuPanelCount(columns, width);
  size_t first = vectors * place / count, end = vectors * (place + 1) / count;
  return (CPUPanel){
    first * width, cpuSmaller(end * width, columns) - first * width, end - first < 2 ? 2 : end - first, first * width};
}

/// The panels of a cell's step over H units: those of `cpuPanel` for one gate; else of `width` units, whose gates interleave.
static inline size_t cpuCellPanelCount(size_t hidden, size_t width, size_t gates) {
  return gates > 1 ? (hidden + width - 1) / width : cpuPanelCount(hidden, width);
}

/// Panel `place` of them; `first` and `columns` count units.
static inline CPUPanel cpuCellPanel(size_t hidden, size_t width, size_t gates, size_t place) {
  if (gates == 1) return cpuPanel(hidden, width, place);
  size_t first = place * width;
  return (CPUPanel){first, cpuSmaller(hidden - first, width), gates, first * gates};
}

/// One forward step of a cell. N rows, H units, D inputs, G gates; `gates` is the step's canonical reserve `[N, S·H]`.
///
/// The sum before the activations has two products. That of the input is computed here from `inputWeights`, packed by
/// `pack`, or lies in `gates` on entry where they are NULL. The recurrent one is computed from `weights`, or read from
/// `recurrent`, or is 0 where both are NULL.
typedef struct {
  size_t hidden;
  int32_t step, activation;
  const int32_t *_Nullable lengths, *_Nullable resets;
  const float *_Nullable inputWeights, *_Nullable x;
  size_t xStride, inputs;
  const float *_Nullable weights, *_Nullable recurrent;
  size_t recurrentStride;
  const float *bias;  // [S·H]; a GRU's slot 2 goes to x · W_n, its slot 3 to h · U_n
  const float *hBefore;
  float *h;
  size_t hStride;
  const float *_Nullable cBefore;
  float *_Nullable c;
  size_t cStride;
  float *gates;
  size_t gatesStride;
  float *_Nullable output;
  size_t outputStride;
} CPUCellForward;

/// One backward step of a cell: `CellStepBackward` on the Swift side, with its product. `after` holds the gate
/// gradients of the step that read this state; `weights`, packed by `pack`, multiply it. NULL omits the product.
typedef struct {
  size_t hidden;
  int32_t step, reader, activation;
  const int32_t *_Nullable lengths, *_Nullable resets, *_Nullable cuts;
  const float *_Nullable weights, *_Nullable after, *_Nullable recurrent;
  size_t recurrentStride;
  const float *hBefore;
  size_t hStride;
  const float *_Nullable cBefore, *_Nullable c;
  size_t cStride;
  float *gates;
  size_t gatesStride;
  const float *_Nullable dOutput;
  size_t dOutputStride;
  float *dh;
  size_t dhStride;
  float *_Nullable dc;
  size_t dcStride;
} CPUCellBackward;

/// A row of a linear-chain CRF: `length` steps of `tagCount` tags. Strides count elements from step to step, of
/// `transitions` from tag to tag; the rows of `alphas` have 2 · `tagCount` values, saved for the gradient.
typedef struct {
  size_t length, tagCount;
  const float *emissions;
  size_t emissionsStride;
  const int32_t *tags;
  size_t tagsStride;
  const float *transitions;
  size_t transitionsStride;
  const float *start, *end;
  float *alphas;
  size_t alphasStride;
} CPUChain;

/// A fused step over rows × panels of `cpuCellPanel`.
typedef void CPUForwardStep(const CPUCellForward *step, CPURange rows, CPURange panels);
typedef void CPUBackwardStep(const CPUCellBackward *step, CPURange rows, CPURange panels);

/// The elements of an operand: `column` apart within a row, rows `row` apart. Strides may be negative: they wrap
/// around. Without memory the operand is a constant, and both strides are 0.
typedef struct {
  const float *_Nullable data;
  float number;
  size_t row, column;
} CPUOperand;

/// A function over rows and columns; unused operands are not read. The result may be an operand; if it adds and its row
/// stride is 0, rows are summed.
typedef struct {
  int32_t function;  // of `MapFunction`
  size_t rows, columns;
  CPUOperand operands[3];
  CPUResult out;
} CPUMap;

/// The functions of one instruction set.
typedef struct {
  /// Floats per vector; rows per tile of a product.
  size_t width, tileRows;

  // matmul.h

  /// Packs rows of `b` into a panel `[depth][vectors][width]`, 0 beyond its columns. Vector v starts at column v ·
  /// width, or if `gateStride` is not 0, `gateStride` elements after vector v − 1.
  void (*pack)(float *panel, CPUMatrix b, CPURuns depth, size_t columns, size_t vectors, size_t gateStride);
  /// Packs columns of `a` into tiles `[depth][tileRows]`, 0 beyond its rows.
  void (*packTiles)(float *tiles, CPUMatrix a, size_t rows, CPURuns depth);
  /// `c (+)= scale · a · panel`: `rows` × `columns`, at most as wide as the panel's 2 to 4 vectors. Tiles of `a` are
  /// `tileStride` apart.
  void (*multiply)(
    CPUMatrix a, size_t tileStride, const float *panel, size_t vectors, size_t rows, size_t depth, CPUResult c,
    size_t columns, float scale);

  /// `c (+)= scale · a · b` without packing, for few rows or columns: each element is a dot product of a row of `a`
  /// with a column of `b`, both contiguous.
  void (*dots)(
    CPUMatrix a, size_t rows, CPUMatrix b, size_t columns, size_t depth, CPUResult c, float scale);

  // elman.h, lstm.h, gru.h

  CPUForwardStep *elmanForward, *lstmForward, *gruResetAfterForward, *gruResetGatesForward, *gruCandidateForward;
  CPUBackwardStep *elmanBackward, *lstmBackward, *gruResetAfterBackward, *gruCandidateBackward, *gruResetGatesBackward;

  // elementwise.h

  void (*copy)(const float *x, float *out, size_t count, int adds);
  void (*combine)(int32_t function, const float *a, const float *b, float *out, size_t count, int adds);
  void (*scale)(const float *x, float factor, float *out, size_t count, int adds);
  void (*activate)(int32_t activation, const float *x, float *out, size_t count, int adds);
  void (*activateBackward)(
    int32_t activation, const float *y, const float *dy, float *out, size_t count, int adds);
  void (*clip)(float *x, float limit, size_t count);
  /// `e^x` of softmax; in the table for the tests.
  void (*exponential)(const float *x, float *out, size_t count);

  // map.h, fold.h

  void (*map)(const CPUMap *map);
  /// The largest of `count` elements, the first of which has index `first`, and its index. `best` and `place` hold the
  /// previous largest, with −1 if there was none.
  void (*largestOf)(const float *x, size_t stride, size_t count, int32_t first, float *best, int32_t *place);
  /// Cumulative sums over the rows.
  void (*scan)(CPUOperand x, CPUResult out, size_t rows, size_t columns);

  // embedding.h

  /// `out (+)=` `count` rows of `table`; a negative index reads 0.
  void (*gather)(
    const float *table, size_t tableStride, const int32_t *indices, size_t count, float *out, size_t outStride,
    size_t columns, int adds);
  /// `table[rows[p]] += Σ dy[position]` for the positions from `starts[p]` to `starts[p + 1]`.
  void (*scatterAdd)(
    const float *dy, size_t dyStride, const int32_t *rows, const int32_t *starts, const int32_t *positions,
    CPURange places, float *table, size_t tableStride, size_t columns);

  // random.h

  /// The mask of `ApplyDropout` for `count` elements from element `first` on.
  void (*dropout)(
    const float *x, float *out, size_t count, int adds, uint64_t first, uint64_t seed, uint32_t layer, uint64_t step,
    uint32_t threshold, float scale);
  /// Four random words for each of `count` counters (first + i, layer, step mod 2³², step / 2³²).
  void (*philox)(uint32_t *words, size_t count, uint64_t first, uint64_t seed, uint32_t layer, uint64_t step);

  // attention.h

  /// A query's scores with `count` keys: `Σ v · tanh(query + key)` over the units.
  void (*additiveScores)(
    const float *query, const float *keys, size_t stride, size_t count, const float *v, float *scores, size_t units);
  /// The gradient of a query or a key over its `count` partners, whose scores have the gradients `d`; and its
  /// contribution to v's gradient.
  void (*additiveSlopes)(
    const float *own, const float *others, size_t stride, const float *d, size_t dStride, size_t count, const float *v,
    float *_Nullable out, int adds, float *_Nullable parts, size_t units);

  // softmax.h, loss.h, layernorm.h: a row each

  void (*softmax)(const float *x, const float *_Nullable mask, float *out, size_t count);
  void (*softmaxBackward)(const float *y, const float *dy, float *out, size_t count, int adds);
  /// Returns `log Σ exp(x)`.
  float (*logSum)(const float *x, size_t count);
  void (*crossEntropyBackward)(
    const float *logits, float logSum, int32_t target, float factor, float smoothing, float *out, size_t count,
    int adds);
  float (*elementwiseLoss)(
    int32_t loss, const float *prediction, const float *target, float delta, size_t count);
  void (*elementwiseLossBackward)(
    int32_t loss, const float *prediction, const float *target, float delta, float factor, float *out, size_t count,
    int adds);
  void (*layerNorm)(
    const float *x, const float *_Nullable gain, const float *_Nullable bias, float epsilon, float *out,
    float *statistics, size_t count);
  void (*layerNormBackward)(
    const float *x, const float *_Nullable gain, const float *statistics, const float *dy, float *out, size_t count,
    int adds);
  /// The sums of `dGain` over rows, for the columns from `x` on.
  void (*layerNormGain)(
    const float *x, size_t xStride, const float *statistics, size_t statisticsStride, const float *dy, size_t dyStride,
    size_t rows, float *out, size_t columns, int adds);

  // crf.h

  /// Returns a row's negative log-likelihood, and fills its `alphas`.
  float (*crf)(const CPUChain *chain);
  /// Adds `factor` times a row's gradients to `sums`: of transitions K·K, of start K, of end K. Those of the emissions
  /// go to `dEmissions`, `stride` apart. `room` is scratch for 2·K + K·K values.
  void (*crfBackward)(
    const CPUChain *chain, float factor, float *room, float *_Nullable dEmissions, size_t stride, int adds, float *sums);

  // reduce.h

  /// Σ x, or Σ x² if `squares`.
  float (*sum)(const float *x, size_t count, int squares);
  /// The sums of columns over rows.
  void (*sumRows)(
    const float *x, size_t stride, CPURuns rows, float *out, size_t columns, int squares, float scale, int adds);
  /// The maxima of columns over `rows` rows, and the row of each; 0 and −1 without rows.
  void (*maxOverTime)(const float *x, size_t stride, size_t rows, float *out, int32_t *steps, size_t columns);
  /// `out (+)= dy` if `steps` equals `step`, else 0.
  void (*maxOverTimeBackward)(
    const float *dy, const int32_t *steps, int32_t step, float *out, size_t columns, int adds);
  /// Whether any element is NaN or infinite.
  int (*hasNonFinite)(const float *x, size_t count);

  // optimizer.h

  void (*sgd)(
    float *p, const float *g, float *_Nullable momentum, size_t count, float rate, float decay, float factor,
    float dampening, int nesterov, int isFirst);
  void (*adam)(
    float *p, const float *g, float *m, float *v, size_t count, float stepSize, float decay, float shrink, float beta1,
    float beta2, float rootCorrection, float epsilon);
  void (*rmsprop)(
    float *p, const float *g, float *square, float *_Nullable momentum, float *_Nullable mean, size_t count, float rate,
    float decay, float alpha, float epsilon, float factor);
  void (*adagrad)(float *p, const float *g, float *square, size_t count, float rate, float decay, float epsilon);

  // peak.h

  /// Runs 24 · `width` · `count` floating-point operations on registers and returns a value that depends on them.
  float (*peak)(size_t count, float start);
} CPUKernels;

/// The kernels of a level ("avx512", "avx2", "neon", "baseline"); NULL if this processor does not support it.
const CPUKernels *_Nullable cpuKernels(const char *level);

/// Makes this thread treat denormal numbers as 0, and returns the state to restore; gates with denormal values would be
/// ten times slower.
uint64_t cpuFlushDenormals(void);

/// Restores the state that `cpuFlushDenormals` returned.
void cpuRestoreDenormals(uint64_t state);

/// The number of cores available to this process.
size_t cpuAvailableCores(void);

/// Tells the processor that this thread is spinning.
static inline void cpuPause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

#pragma clang assume_nonnull end

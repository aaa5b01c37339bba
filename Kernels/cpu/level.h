// One instruction set: every template, and the table that names their functions. Wants LEVEL, WIDTH and TILE_ROWS.
#include "common.h"
#include "matmul.h"
#include "cell.h"
#include "elman.h"
#include "lstm.h"
#include "gru.h"
#include "elementwise.h"
#include "function.h"
#include "map.h"
#include "fold.h"
#include "embedding.h"
#include "random.h"
#include "softmax.h"
#include "attention.h"
#include "loss.h"
#include "layernorm.h"
#include "crf.h"
#include "reduce.h"
#include "optimizer.h"
#include "peak.h"

static const CPUKernels NAME(kernels) = {
  .width = WIDTH,
  .tileRows = TILE_ROWS,
  .pack = NAME(pack),
  .packTiles = NAME(packTiles),
  .multiply = NAME(multiply),
  .dots = NAME(dots),
  .elmanForward = NAME(elmanForward),
  .elmanBackward = NAME(elmanBackward),
  .lstmForward = NAME(lstmForward),
  .lstmBackward = NAME(lstmBackward),
  .gruResetAfterForward = NAME(gruResetAfterForward),
  .gruResetAfterBackward = NAME(gruResetAfterBackward),
  .gruResetGatesForward = NAME(gruResetGatesForward),
  .gruCandidateForward = NAME(gruCandidateForward),
  .gruCandidateBackward = NAME(gruCandidateBackward),
  .gruResetGatesBackward = NAME(gruResetGatesBackward),
  .copy = NAME(copy),
  .combine = NAME(combine),
  .scale = NAME(scale),
  .activate = NAME(activate),
  .activateBackward = NAME(activateBackward),
  .clip = NAME(clip),
  .exponential = NAME(exponential),
  .map = NAME(map),
  .largestOf = NAME(largestOf),
  .scan = NAME(scan),
  .gather = NAME(gather),
  .scatterAdd = NAME(scatterAdd),
  .dropout = NAME(dropout),
  .philox = NAME(philox),
  .softmax = NAME(softmax),
  .softmaxBackward = NAME(softmaxBackward),
  .additiveScores = NAME(additiveScores),
  .additiveSlopes = NAME(additiveSlopes),
  .logSum = NAME(logSum),
  .crossEntropyBackward = NAME(crossEntropyBackward),
  .elementwiseLoss = NAME(elementwiseLoss),
  .elementwiseLossBackward = NAME(elementwiseLossBackward),
  .layerNorm = NAME(layerNorm),
  .layerNormBackward = NAME(layerNormBackward),
  .layerNormGain = NAME(layerNormGain),
  .crf = NAME(crf),
  .crfBackward = NAME(crfBackward),
  .sum = NAME(sum),
  .sumRows = NAME(sumRows),
  .maxOverTime = NAME(maxOverTime),
  .maxOverTimeBackward = NAME(maxOverTimeBackward),
  .hasNonFinite = NAME(hasNonFinite),
  .sgd = NAME(sgd),
  .adam = NAME(adam),
  .rmsprop = NAME(rmsprop),
  .adagrad = NAME(adagrad),
  .peak = NAME(peak),
};

#undef vec
#undef ivec
#undef uvec
#undef PANEL_VECTORS
#undef MAXIMUM_ROWS
#undef EACH_VECTOR
#undef EACH_RUN
#undef RUN
#undef CHUNK_ROWS
#undef BLOCK
#undef LEVEL
#undef WIDTH
#undef TILE_ROWS

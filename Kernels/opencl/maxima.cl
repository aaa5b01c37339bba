// Maxima over axes of operands of any strides, and their indices: see strided.cl, and row.cl for the work-items that
// share a maximum. `kept` axes remain, `folded` ones are reduced. Ties go to the first term; a NaN exceeds any number.

#define MAXIMA_OPERANDS                                                                                                    \
  const global float *a, long aStart, long8 aStrides, long8 aFolded, global float *y, long yStart, long8 yStrides,         \
      global int *winners, long winnersStart, int8 kept, int8 folded, int sumCount, int terms, int writes

// The offsets of the terms and of the result of maximum number `index`.
#define STEP_MAXIMUM(k) atA += at * aStrides.s##k, atY += at * yStrides.s##k;
#define PLACE_OF_MAXIMUM(index)                                                                                            \
  long atA = aStart, atY = yStart;                                                                                         \
  {                                                                                                                        \
    long at = (index) % kept.s7;                                                                                           \
    STEP_MAXIMUM(7)                                                                                                        \
  }                                                                                                                        \
  EACH_AXIS(kept, (index) / kept.s7, STEP_MAXIMUM)

// The offset of a run of terms.
#define STEP_TERM(k) inA += at * aFolded.s##k;
#define PLACE_OF_TERMS(term)                                                                                               \
  long inA = atA;                                                                                                          \
  EACH_AXIS(folded, (term) / folded.s7, STEP_TERM)

// Takes values, which come after the previous ones, if they are larger.
#define TAKE_LARGER(best, winner, value, place, isThere)                                                                   \
  {                                                                                                                        \
    intv wins = ((value > best) | ((value != value) & (best == best)) | (winner < (intv)(0))) & (isThere);                 \
    best = wins ? value : best;                                                                                            \
    winner = wins ? place : winner;                                                                                        \
  }

// Whether a maximum replaces another one; empty ones have index −1.
static inline int isBefore(float value, int place, float best, int winner) {
  if (place < 0 || winner < 0) return place >= 0;
  if (value == best || (value != value && best != best)) return place < winner;
  return value > best || value != value;
}

// The winner among a vector's elements, or a work-group's lanes, and its value.
#ifdef SIMT
#define GROUP_PLACES local int groupPlaces[GROUP]
#define WINNER(best, winner, value) groupWinner(best, winner, value, groupMemory, groupPlaces)

static inline int groupWinner(float best, int winner, float *value, local float *values, local int *places) {
  values[LANE] = best;
  places[LANE] = winner;
  for (int left = LANES / 2; left > 0; left /= 2) {
    barrier(CLK_LOCAL_MEM_FENCE);
    if (LANE < left && isBefore(values[LANE + left], places[LANE + left], values[LANE], places[LANE])) {
      values[LANE] = values[LANE + left];
      places[LANE] = places[LANE + left];
    }
  }
  *value = values[LANE];
  return places[LANE];
}
#else
#define GROUP_PLACES
#define WINNER(best, winner, value) vectorWinner(best, winner, value)

static inline int vectorWinner(floatv best, intv winner, float *value) {
  float values[WIDTH];
  int places[WIDTH], first = 0;
  VSTORE(best, values);
  VSTORE(winner, places);
  for (int i = 1; i < WIDTH; i++)
    if (isBefore(values[i], places[i], values[first], places[first])) first = i;
  *value = values[first];
  return places[first];
}
#endif

// For contiguous terms. Dimensions: lanes, maxima.
kernel void maximaAlong(MAXIMA_OPERANDS) {
  GROUP_MEMORY;
  GROUP_PLACES;
  int index = get_global_id(1), term = 0;
  PLACE_OF_MAXIMUM(index)
  floatv best = 0;
  intv winner = -1;
  EACH_RUN(term, terms, first, length) {
    PLACE_OF_TERMS(term)
    EACH_VECTOR(column, count, first, first + length) {
      floatv value = loadStrided(a + inA + column * aFolded.s7, aFolded.s7, count);
      TAKE_LARGER(best, winner, value, (intv)(term + column - first) + NUMBERS, NUMBERS < (intv)(count))
    }
  }
  float value;
  int place = WINNER(best, winner, &value);
  if (LANE > 0) return;
  if (writes) y[atY] = value;
  winners[winnersStart + index] = place;
}

// For contiguous maxima. Dimension: runs of vectors of the columns of each row of maxima.
kernel void maximaAcross(MAXIMA_OPERANDS) {
  RUN_OF_SUMS;
  if (index >= sumCount) return;
  PLACE_OF_MAXIMUM(index)
  floatv best[ACROSS];
  intv winner[ACROSS];
  for (int v = 0; v < ACROSS; v++) best[v] = 0, winner[v] = -1;
  int term = 0;
  EACH_RUN(term, terms, first, length) {
    PLACE_OF_TERMS(term)
    for (int row = first; row < first + length; row++) {
      for (int v = 0; v < vectors; v++) {
        floatv value = loadStrided(a + inA + row * aFolded.s7 + v * WIDTH * aStrides.s7, aStrides.s7, count - v * WIDTH);
        TAKE_LARGER(best[v], winner[v], value, (intv)(term + row - first), (intv)(-1))
      }
    }
  }
  for (int v = 0; v < vectors; v++) {
    if (writes) putStrided(best[v], y + atY + v * WIDTH * yStrides.s7, yStrides.s7, count - v * WIDTH, 0);
    storePart(winner[v], winners + winnersStart + index + v * WIDTH, count - v * WIDTH);
  }
}

// Adds the gradient of each maximum to its term, one work-item per maximum.
kernel void maximaBackward(const global float *dy, long dyStart, long8 dyStrides, INDICES(winners), global float *dx,
                           long dxStart, long8 dxStrides, long8 dxFolded, int8 kept, int8 folded, int sumCount) {
  int index = get_global_id(0);
  if (index >= sumCount) return;
  long from = dyStart, to = dxStart;
#define STEP_GRADIENT(k) from += at * dyStrides.s##k, to += at * dxStrides.s##k;
#define STEP_WINNER(k) to += at * dxFolded.s##k;
  int winner = winners[winnersStart + index];
  {
    long at = index % kept.s7;
    STEP_GRADIENT(7)
    at = winner % folded.s7;
    STEP_WINNER(7)
  }
  EACH_AXIS(kept, index / kept.s7, STEP_GRADIENT)
  EACH_AXIS(folded, winner / folded.s7, STEP_WINNER)
  dx[to] += dy[from];
}

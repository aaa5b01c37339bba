// Additive attention: scores[n·Q + q, t] = Σ v · tanh(query + key) over units, and its gradients. Queries [Q·N, U] and
// keys [T·N, U] are time first; their sums are recomputed for the gradients.

// A work-group for each score; see row.cl. Dimensions: lanes, scores.
kernel void additiveScores(INPUT(queries), INPUT(keys), INPUT(v), OUTPUT(scores), int units, int batch, int queryCount,
                           int keyCount) {
  GROUP_MEMORY;
  int place = get_global_id(1), t = place % keyCount, row = place / keyCount, n = row / queryCount, q = row % queryCount;
  const global float *query = ROW(queries, q * batch + n), *key = ROW(keys, t * batch + n), *factors = v + vStart;
  floatv sums = 0;
  EACH_VECTOR(c, count, 0, units)
    sums += loadPart(factors + c, count) * hyperbolicTangent(loadPart(query + c, count) + loadPart(key + c, count));
  float sum = ROW_SUM(sums);
  if (LANE == 0) ROW(scores, row)[t] = sum;
}

// The gradient of one operand, a query or a key, over its `count` partners: v · Σ d · (1 − tanh²), and its contribution
// to v's, Σ d · tanh. `ofKeys` says that the operand is a key. Dimensions: vectors of units, the operand's rows.
kernel void additiveSlopes(INPUT(own), INPUT(others), INPUT(v), INPUT(dScores), OUTPUT(out), OUTPUT(parts), int units,
                           int batch, int ownCount, int otherCount, int ofKeys, int writes, int adds, int writesParts) {
  int column = get_global_id(0) * WIDTH, row = get_global_id(1), left = units - column;
  if (left <= 0) return;
  int n = row % batch, place = row / batch;
  const global float *d = ofKeys ? ROW(dScores, n * otherCount) + place : ROW(dScores, n * ownCount + place);
  long step = ofKeys ? dScoresStride : 1;
  floatv x = loadPart(ROW(own, row) + column, left), slopes = 0, values = 0;
  for (int j = 0; j < otherCount; j++) {
    float factor = d[j * step];
    if (factor == 0) continue;
    floatv t = hyperbolicTangent(x + loadPart(ROW(others, j * batch + n) + column, left));
    slopes += factor * (1 - t * t);
    values += factor * t;
  }
  if (writes) putPart(loadPart(v + vStart + column, left) * slopes, ROW(out, row) + column, left, adds);
  if (writesParts) storePart(values, ROW(parts, row) + column, left);
}

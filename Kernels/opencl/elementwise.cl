// Elementwise operations: one work-item per element, [row, column] of regions with row strides.

#define ELEMENT                                                                                                            \
  int column = get_global_id(0), row = get_global_id(1);                                                                   \
  if (column >= columns) return

kernel void fill(OUTPUT(y), int columns, float value) {
  ELEMENT;
  ROW(y, row)[column] = value;
}

kernel void copy(INPUT(x), OUTPUT(y), int columns, int adds) {
  ELEMENT;
  PUT(&ROW(y, row)[column], ROW(x, row)[column], adds);
}

// [outer, inner, columns] → [inner, outer, columns].
kernel void swapAxes(INPUT(x), OUTPUT(y), int columns, int outer, int inner, int adds) {
  ELEMENT;
  PUT(&ROW(y, row % inner * outer + row / inner)[column], ROW(x, row)[column], adds);
}

kernel void maskRows(
    INPUT(x), INDICES(mask), INDICES(lengths), OUTPUT(y), int columns, int step, int usesLengths, int adds) {
  ELEMENT;
  int isCleared = mask[maskStart + row] != 0 && (!usesLengths || step < lengths[lengthsStart + row]);
  PUT(&ROW(y, row)[column], isCleared ? 0 : ROW(x, row)[column], adds);
}

kernel void addBias(INPUT(x), INPUT(bias), OUTPUT(y), int columns, int adds) {
  ELEMENT;
  PUT(&ROW(y, row)[column], ROW(x, row)[column] + ROW(bias, 0)[column], adds);
}

// By the raw values of `Combine.Function`: a + b, a − b, a · b.
kernel void combine(INPUT(a), INPUT(b), OUTPUT(y), int columns, int function, int adds) {
  ELEMENT;
  float p = ROW(a, row)[column], q = ROW(b, row)[column];
  PUT(&ROW(y, row)[column], function == 0 ? p + q : function == 1 ? p - q : p * q, adds);
}

kernel void scale(INPUT(x), INPUT(deviceFactor), OUTPUT(y), int columns, float factor, int usesDeviceFactor, int adds) {
  ELEMENT;
  if (usesDeviceFactor) factor *= deviceFactor[deviceFactorStart];
  PUT(&ROW(y, row)[column], ROW(x, row)[column] * factor, adds);
}

kernel void activate(INPUT(x), OUTPUT(y), int columns, int function, int adds) {
  ELEMENT;
  PUT(&ROW(y, row)[column], activation(function, ROW(x, row)[column]), adds);
}

kernel void activateBackward(INPUT(y), INPUT(dy), OUTPUT(dx), int columns, int function, int adds) {
  ELEMENT;
  PUT(&ROW(dx, row)[column], ROW(dy, row)[column] * activationSlope(function, ROW(y, row)[column]), adds);
}

// NaN is kept.
kernel void clipByValue(OUTPUT(x), int columns, float limit) {
  ELEMENT;
  float value = ROW(x, row)[column];
  ROW(x, row)[column] = value > limit ? limit : value < -limit ? -limit : value;
}

kernel void flagNonFinite(INPUT(x), global int *flag, long flagStart, int columns) {
  ELEMENT;
  if (!isfinite(ROW(x, row)[column])) atomic_or(flag + flagStart, 1);
}

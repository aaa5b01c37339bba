// What the parts of the driver share: the kernels under test, numbers to feed them, and the comparison.
#pragma once

#include "CPUKernels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const CPUKernels *kernels;

/// Keeps the largest difference; NaN counts as infinite.
void compare(const char *name, double found, double expected);

/// A number in −1 … 1.
float uniform(void);

/// Starts the numbers anew.
void restart(void);

/// `count` of them in memory of exactly their size, so that a sanitizer sees a step beyond it.
float *numbers(size_t count, float scale);

/// `depth` rows of a matrix, packed for a step's `gates` gates of `hidden` units.
float *packCell(CPUMatrix rows, size_t depth, size_t hidden, size_t gates);

static inline double sigmoid(double x) { return 1 / (1 + exp(-x)); }

void checkFunctions(void);
void checkProducts(void);
void checkCells(void);
void checkSteps(void);
void checkOperations(void);
void checkStrided(void);
void checkRows(void);
void checkCRF(void);
void checkOptimizers(void);

// The kernels without Swift: every function of one level's table, against naive Double code. Runs under emulators, as
// processors that this one is not, and under sanitizers that Swift has not; so the shapes are small. Prints a line; exits 1
// on a difference.
#include "driver.h"

#include <stdio.h>

const CPUKernels *kernels;
static double worst;
static const char *worstName = "";

void compare(const char *name, double found, double expected) {
  double error = fabs(found - expected) / (1 + fabs(expected));
  if (!(error <= worst)) {
    worst = error == error ? error : INFINITY;
    worstName = name;
  }
}

static uint32_t state = 1;

void restart(void) { state = 1; }

float uniform(void) {
  state = (uint32_t)(state * 1664525ull + 1013904223ull);
  return (float)(state >> 8) / 8388608.0f - 1;
}

float *numbers(size_t count, float scale) {
  float *values = malloc(count * sizeof *values);
  for (size_t i = 0; i < count; i++) values[i] = scale * uniform();
  return values;
}

// What the machine says, and a state of the processor that comes back as it was.
static void checkMachine(void) {
  volatile float tiny = 0x1p-140f;
  uint64_t state = cpuFlushDenormals();
  cpuPause();
  cpuRestoreDenormals(state);
  compare("denormals", tiny * 0x1p120f * 0x1p20f, 1);
  compare("cores", cpuAvailableCores() >= 1, 1);
  compare("unknown level", cpuKernels("none") == NULL, 1);
  compare("peak", isfinite(kernels->peak(3, 1e-9f)), 1);
}

int main(int count, char **arguments) {
  const char *level = count > 1 ? arguments[1] : "baseline";
  kernels = cpuKernels(level);
  if (!kernels) {
    printf("%s: this processor does not have it\n", level);
    return 1;
  }
  checkMachine();
  checkFunctions();
  checkProducts();
  checkCells();
  checkSteps();
  checkOperations();
  checkStrided();
  checkRows();
  checkCRF();
  checkOptimizers();
  printf("%s: largest difference %.1e (%s)\n", level, worst, worstName);
  return worst < 2e-5 ? 0 : 1;
}

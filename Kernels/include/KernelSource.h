// The OpenCL kernels as text, embedded when the package is built.
#pragma once

#include <stdint.h>

// The text of `opencl/<name>.cl`, ended by a 0; NULL if there is no such file.
const char *kernelSource(const char *name);

// A hash of all of them: it tells whether results of a check are of these kernels.
uint64_t kernelSourceHash(void);

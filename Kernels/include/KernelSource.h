// The OpenCL kernels as text, embedded when the package is built.
#pragma once

#include <stdint.h>

// The text of `opencl/<name>.cl`, NUL-terminated; NULL if there is no such file.
const char *kernelSource(const char *name);

// A hash of all of them, which identifies the kernels that a check has run on.
uint64_t kernelSourceHash(void);

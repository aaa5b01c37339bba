// The OpenCL kernels as text, embedded when the package is built.
#pragma once

// The text of `opencl/<name>.cl`, ended by a 0; NULL if there is no such file.
const char *kernelSource(const char *name);

// The OpenCL kernels as text, embedded when the package is built.
#pragma once

// Every hand-written kernel: the CPU's, picked by instruction set at run time, and the OpenCL sources as text.
#pragma once

#include "CPUKernels.h"
#include "KernelSource.h"

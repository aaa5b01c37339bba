// Every hand-written kernel: the CPU's, selected by instruction set at run time, and the OpenCL sources as text.
#pragma once

#include "CPUKernels.h"
#include "KernelSource.h"

// The CPU kernels: one table of functions per instruction set.
#pragma once

// OpenCL as a table of functions that is filled by dlopen.
#pragma once

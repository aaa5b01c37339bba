// The single import of a training program: the model layer, and with it the types of the backend contract.
@_exported import RecurrentModel
@_exported import RecurrentTasks

@_exported import enum RecurrentCPU.CPULevel
@_exported import struct RecurrentOpenCL.OpenCLError
@_exported import struct RecurrentOpenCL.TuningResult

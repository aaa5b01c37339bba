// One import for a program that trains: the model layer, and with it the contract's types that people name.
@_exported import RecurrentModel

@_exported import enum RecurrentCPU.CPULevel
@_exported import struct RecurrentOpenCL.OpenCLError
@_exported import struct RecurrentOpenCL.TuningResult

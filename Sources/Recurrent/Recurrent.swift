// The single import of a training program. Operations and regions, for custom operations, are in RecurrentCore.
@_exported import enum RecurrentCPU.CPULevel
@_exported import enum RecurrentCore.Activation
@_exported import enum RecurrentCore.CellBias
@_exported import enum RecurrentCore.CellKind
@_exported import struct RecurrentCore.Device
@_exported import struct RecurrentCore.DeviceDescription
@_exported import enum RecurrentCore.GRUConvention
@_exported import enum RecurrentCore.Precision
@_exported import struct RecurrentCore.RandomSource
@_exported import struct RecurrentCore.RecurrentError
@_exported import let RecurrentCore.recurVersion
@_exported import RecurrentData
@_exported import RecurrentModel
@_exported import struct RecurrentOpenCL.OpenCLError
@_exported import struct RecurrentOpenCL.TuningResult
@_exported import RecurrentTasks

// Writes the programs that a GPU with given properties builds: FOLDER/FILE.cl, the sources as the host passes them, and a line
// for each program on standard output, with tabs: name, file, options, work-items of a work-group (`16 8`, or nothing), kernels,
// work-groups per core of a persistent launch (or nothing).
//
//   gpu-programs FOLDER VENDOR UNITS LARGEST-GROUP LOCAL-MEMORY LANES BARRIER [tensor-cores]

import RecurrentOpenCL

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

let arguments = CommandLine.arguments
let vendors: [String: Vendor] = ["amd": .amd, "intel": .intel, "nvidia": .nvidia]
let numbers = arguments.dropFirst(3).prefix(4).compactMap { Int($0) }
guard arguments.count >= 8, numbers.count == 4 else {
  fatalError("gpu-programs FOLDER VENDOR UNITS LARGEST-GROUP LOCAL-MEMORY LANES BARRIER [tensor-cores]")
}
let style = KernelStyle(
  .simt, units: numbers[0], maximumGroup: numbers[1], localMemory: numbers[2], vendor: vendors[arguments[2]],
  lanes: numbers[3])
let programs = try DevicePrograms(
  style: style, barrier: arguments[7], hasTensorCores: arguments.last == "tensor-cores"
).all()

try FileManager.default.createDirectory(atPath: arguments[1], withIntermediateDirectories: true)
for file in Set(programs.map(\.file)) {
  try Data(kernelText(file).utf8).write(to: URL(fileURLWithPath: "\(arguments[1])/\(file).cl"))
}
for program in programs {
  let group = program.group.map { "\($0.x) \($0.y)" } ?? ""
  let groupsPerCore = program.groupsPerCore.map { "\($0)" } ?? ""
  print(
    program.name, program.file, program.options, group, program.kernels.joined(separator: " "), groupsPerCore,
    separator: "\t")
}

import COpenCL
import RecurrentCore

/// The makers of GPUs for which drivers and kernels differ, with their PCI numbers.
package enum Vendor: UInt32, Sendable {
  case amd = 0x1002
  case nvidia = 0x10DE
  case intel = 0x8086
}

/// What a driver reports of a device that decides whether it is used: see `DeviceRanking`. Queries that a driver does not
/// answer leave 0 or nil.
struct DeviceTraits: Sendable {
  /// The name that `--device` takes: `opencl:0:1`.
  var identifier: String
  /// The index and the name of the platform.
  var platform: Int
  var platformName: String
  var kind: DeviceDescription.Kind
  /// The name of the board, without the driver's additions.
  var name: String
  /// The PCI vendor of the hardware.
  var vendor: Vendor?
  /// Whether it shares the host's memory, as an integrated GPU or an OpenCL device on a processor.
  var usesHostMemory = false
  /// Compute units, as the driver counts them.
  var units = 1
  /// The multiply-adds of a unit per clock.
  var lanes = 64
  /// The maximum clock in MHz; 0 if unknown.
  var clock = 0
  /// The total memory in bytes.
  var memory = 0
  /// The hardware's UUID; nil if unknown.
  var uuid: [UInt8]?
  /// The hardware's place on the bus; nil if unknown.
  var address: PCIAddress?

  /// The place of a device on the PCI bus.
  struct PCIAddress: Hashable, Sendable {
    var domain: UInt32 = 0
    var bus: UInt32
    var device: UInt32
    var function: UInt32 = 0
  }

  /// The rough peak in billions of multiply-adds per second: units × multiply-adds of a unit × clock, or 1.5 GHz if the
  /// clock is unknown. Good enough to order GPUs, not to predict times.
  var rate: Double { Double(units * lanes) * Double(clock > 0 ? clock : 1500) / 1000 }

  /// Whether the driver runs on top of another vendor's interface, such as Mesa's or Vulkan, or is one for processors.
  var isLayered: Bool {
    let name = platformName.lowercased()
    return ["rusticl", "clover", "clvk", "openclon12", "portable computing"].contains { name.contains($0) }
  }

  /// The multiply-adds of a compute unit per clock. Drivers count different things as units: NVIDIA's multiprocessors,
  /// AMD's compute units or, from RDNA on, pairs of them (the query for SIMDs tells them apart), and Intel's execution
  /// units, of 8 lanes; Mesa counts compute units of AMD, and Intel's groups of 8 execution units.
  /// - Parameters:
  ///   - capability: NVIDIA's compute capability as major × 10 + minor; 0 if unknown.
  ///   - simds: AMD's SIMDs of a unit × their width; 0 if unknown.
  static func lanes(_ vendor: Vendor?, isLayered: Bool, capability: Int = 0, simds: Int = 0) -> Int {
    switch vendor {
    case .nvidia: capability / 10 == 3 ? 192 : [60, 70, 72, 75, 80].contains(capability) ? 64 : 128
    case .intel where !isLayered: 8
    default: simds > 0 ? simds : 64
    }
  }

  /// The address that Mesa's driver for AMD gives as UUID, four numbers of 32 bits; nil if it is none.
  static func address(inUUID uuid: [UInt8]) -> PCIAddress? {
    let words = stride(from: 0, to: uuid.count, by: 4).map { start in
      uuid[start..<min(start + 4, uuid.count)].reversed().reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
    }
    guard words.count == 4, words[0] < 1 << 16, words[1] < 256, words[2] < 32, words[3] < 8 else { return nil }
    return PCIAddress(domain: words[0], bus: words[1], device: words[2], function: words[3])
  }

  /// A device name without the versions that Mesa appends: `AMD Radeon RX 7900 XTX (radeonsi, navi31, LLVM 17.0.6, DRM 3.54,
  /// 6.6.8-200.fc39)` changes with each update of the kernel. Other names stay as they are.
  static func stableName(_ name: String) -> String {
    guard let open = name.lastIndex(of: "("), name.hasSuffix(")") else { return name }
    let parts = name[name.index(after: open)...].dropLast().split(separator: ",").map { $0.drop { $0 == " " } }
    let kept = parts.filter { part in
      let isRelease = part.contains(".") && part.first?.isNumber == true
      return !(part.hasPrefix("LLVM ") || part.hasPrefix("DRM ") || isRelease)
    }
    guard kept.count < parts.count else { return name }
    return kept.isEmpty ? boardName(name) : name[..<open] + "(\(kept.joined(separator: ", ")))"
  }

  /// A device name without what Mesa appends: `AMD Radeon RX 7900 XTX`. (`Intel(R) Iris(R) Xe Graphics` stays as it is.)
  static func boardName(_ name: String) -> String {
    guard name.hasSuffix(")"), let open = name.lastIndex(of: "("), open > name.startIndex else { return name }
    let space = name.index(before: open)
    return name[space] == " " ? String(name[..<space]) : name
  }
}

extension OpenCLDevice {
  /// The traits, from queries of extensions that a driver may lack.
  var traits: DeviceTraits {
    let isGPU = type & cl_device_type(CL_DEVICE_TYPE_GPU) != 0
    let board = text(CL_DEVICE_BOARD_NAME_AMD)
    var traits = DeviceTraits(
      identifier: identifier, platform: platformIndex, platformName: platformName,
      kind: isCPU ? .cpu : isGPU ? .gpu : .accelerator,
      name: board.isEmpty ? DeviceTraits.boardName(name) : board,
      vendor: Vendor(rawValue: number(CL_DEVICE_VENDOR_ID)), usesHostMemory: usesHostMemory, units: units,
      clock: Int(number(CL_DEVICE_MAX_CLOCK_FREQUENCY) as cl_uint), memory: memory)
    let capability =
      Int(number(CL_DEVICE_COMPUTE_CAPABILITY_MAJOR_NV) as cl_uint) * 10
      + Int(number(CL_DEVICE_COMPUTE_CAPABILITY_MINOR_NV) as cl_uint)
    let simds =
      Int(number(CL_DEVICE_SIMD_PER_COMPUTE_UNIT_AMD) as cl_uint) * Int(number(CL_DEVICE_SIMD_WIDTH_AMD) as cl_uint)
    traits.lanes = DeviceTraits.lanes(
      traits.vendor, isLayered: traits.isLayered, capability: capability, simds: simds)
    traits.uuid = uuid
    traits.address = address ?? uuid.flatMap(DeviceTraits.address(inUUID:))
    return traits
  }

  /// Whether it shares the host's memory: then its driver may allocate more than is available, which ends the process.
  var usesHostMemory: Bool {
    isCPU || (number(CL_DEVICE_HOST_UNIFIED_MEMORY) as cl_uint) != 0
      || (number(CL_DEVICE_INTEGRATED_MEMORY_NV) as cl_uint) != 0
  }

  private var uuid: [UInt8]? {
    let uuid: [UInt8] = numbers(CL_DEVICE_UUID_KHR, count: Int(CL_UUID_SIZE_KHR)) ?? []
    return uuid.contains { $0 != 0 } ? uuid : nil
  }

  /// The place on the bus, by the first of three extensions that answers.
  private var address: DeviceTraits.PCIAddress? {
    if let info: [cl_uint] = numbers(CL_DEVICE_PCI_BUS_INFO_KHR, count: 4) {
      return .init(domain: info[0], bus: info[1], device: info[2], function: info[3])
    }
    // CL_DEVICE_PCI_BUS_ID_NV, CL_DEVICE_PCI_SLOT_ID_NV and CL_DEVICE_PCI_DOMAIN_ID_NV; a slot is device × 8 + function.
    if let bus: [cl_uint] = numbers(0x4008, count: 1), let slot: [cl_uint] = numbers(0x4009, count: 1) {
      return .init(domain: number(0x400A), bus: bus[0], device: slot[0] >> 3, function: slot[0] & 7)
    }
    // A type, 17 unused bytes, bus, device and function.
    if let bytes: [UInt8] = numbers(CL_DEVICE_TOPOLOGY_AMD, count: 24), bytes[0] == CL_DEVICE_TOPOLOGY_TYPE_PCIE_AMD {
      return .init(bus: UInt32(bytes[21]), device: UInt32(bytes[22]), function: UInt32(bytes[23]))
    }
    return nil
  }
}

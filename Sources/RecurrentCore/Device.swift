/// What a device says of itself.
public struct DeviceDescription: Sendable, Hashable {
  /// The sort of hardware.
  public enum Kind: String, Sendable, Hashable {
    /// A processor that runs the host's own code, or an OpenCL device on one.
    case cpu
    /// A graphics processor.
    case gpu
    /// Anything else that an OpenCL driver offers.
    case accelerator
  }

  /// The name that `--device` takes: `cpu`, `opencl:0:1`, `reference`.
  public var identifier: String
  /// The hardware's own name.
  public var name: String
  /// The sort of hardware.
  public var kind: Kind
  /// The driver and its version, or the instruction set of the native backend.
  public var driver: String
  /// Compute units, or threads.
  public var computeUnits: Int
  /// The device's memory in bytes; 0 if it does not say.
  public var memory: Int
  /// The largest single allocation in bytes.
  public var maximumAllocation: Int
  /// What decides the order of its sums: a run resumed with the same variant gives the same bits.
  public var variant: String
  /// What the factors of its large products are rounded to.
  public var precision: Precision
  /// Optional abilities that were probed, by name, with what was found.
  public var capabilities: [String: String]

  /// Describes a device.
  public init(
    identifier: String, name: String, kind: Kind, driver: String, computeUnits: Int, memory: Int,
    maximumAllocation: Int, variant: String, precision: Precision = .float32, capabilities: [String: String] = [:]
  ) {
    self.identifier = identifier
    self.name = name
    self.kind = kind
    self.driver = driver
    self.computeUnits = computeUnits
    self.memory = memory
    self.maximumAllocation = maximumAllocation
    self.variant = variant
    self.precision = precision
    self.capabilities = capabilities
  }
}

/// A device to compute on, ready for use. `import Recurrent` adds `Device.auto()` and the catalogue.
public struct Device {
  /// What carries out the operations.
  public let backend: any Backend

  /// A device served by `backend`.
  public init(_ backend: any Backend) {
    self.backend = backend
  }

  /// What the device says of itself.
  public var description: DeviceDescription { backend.device }
}

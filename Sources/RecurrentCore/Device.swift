/// The properties of a device.
public struct DeviceDescription: Sendable, Hashable {
  /// The kind of hardware.
  public enum Kind: String, Sendable, Hashable {
    /// A processor: the native backend, or an OpenCL device on a processor.
    case cpu
    /// A graphics processor.
    case gpu
    /// Another OpenCL device.
    case accelerator
  }

  /// The name that `--device` takes: `cpu`, `opencl:0:1`, `reference`.
  public var identifier: String
  /// The name of the hardware.
  public var name: String
  /// The kind of hardware.
  public var kind: Kind
  /// The driver and its version, or the instruction set of the native backend.
  public var driver: String
  /// The number of compute units, or of threads.
  public var computeUnits: Int
  /// Device memory in bytes; 0 if unknown.
  public var memory: Int
  /// The largest single allocation in bytes.
  public var maximumAllocation: Int
  /// Identifies the summation order: a run resumed on a device with the same variant gives the same bits.
  public var variant: String
  /// The precision to which the factors of large products are rounded.
  public var precision: Precision
  /// Optional features that were probed, with the result, by name.
  public var capabilities: [String: String]

  /// The properties of a device.
  package init(
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

/// A device, opened and ready to compute. `import Recurrent` adds `Device.auto()` and the catalogue.
public struct Device {
  /// The backend that runs the operations.
  package let backend: any Backend

  /// The device of `backend`.
  package init(_ backend: any Backend) {
    self.backend = backend
  }

  /// The properties of the device.
  public var description: DeviceDescription { backend.device }
}

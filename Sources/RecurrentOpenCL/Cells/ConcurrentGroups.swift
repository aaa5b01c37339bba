import COpenCL

extension Context {
  /// `clGetKernelMaxConcurrentWorkGroupCountINTEL` of Intel's driver for GPUs: the queue, the kernel, the number of dimensions,
  /// the global offset and the work-group of a launch, and the result.
  private typealias ConcurrentGroups =
    @convention(c) (
      cl_command_queue, cl_kernel, cl_uint, UnsafePointer<Int>, UnsafePointer<Int>, UnsafeMutablePointer<Int>
    ) -> cl_int

  /// The maximum number of work-groups of a launch that run concurrently; nil if the driver does not know it. The kernel's
  /// arguments must be set.
  func concurrentGroups(of kernel: Kernel, group: [Int]) -> Int? {
    guard !device.isCPU, device.platformName.contains("Intel"),
      let address = cl.clGetExtensionFunctionAddressForPlatform(
        device.platform, "clGetKernelMaxConcurrentWorkGroupCountINTEL")
    else { return nil }
    let call = unsafeBitCast(address, to: ConcurrentGroups.self)
    let size = group + [Int](repeating: 1, count: 3 - group.count)
    var count = 0
    return call(queue, kernel.kernel, 3, [0, 0, 0], size, &count) == CL_SUCCESS && count > 0 ? count : nil
  }
}

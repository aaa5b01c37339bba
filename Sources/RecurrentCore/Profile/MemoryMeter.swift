/// A backend that counts the memory it holds on its device.
package protocol MemoryMeter: AnyObject {
  /// The peak memory in bytes since `resetPeakMemory`, or since the device was opened.
  var peakMemory: Int { get }
  /// Waits for the device, releases cached memory and resets the peak.
  /// - Throws: What the device throws, for earlier calls too.
  func resetPeakMemory() throws
}

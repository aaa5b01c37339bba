/// A backend that counts the memory which it holds on its device.
public protocol MemoryMeter: AnyObject {
  /// The bytes held at most since `resetPeakMemory`, or since the device was opened.
  var peakMemory: Int { get }
  /// Waits until nothing runs, gives back what is only kept for later calls, and starts to count anew.
  /// - Throws: What the device throws, of an earlier call too.
  func resetPeakMemory() throws
}

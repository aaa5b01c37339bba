import Recurrent
import RecurrentReference
import TestSupport
import Testing

@testable import RecurrentModel

@Suite struct DataDeviceTests {
  @Test(arguments: TestDevice.all) func elementsAreThoseOfTheHost(_ device: TestDevice) throws {
    try device.run { backend in
      let values = (0..<24).map { Float($0) }
      let data = try DeviceData(values, shape: [4, 3, 2], on: Device(backend))
      let tape = Tape(Device(backend))
      for _ in 0..<2 {
        tape.reset()
        let batch = try data.elements([3, 0, 3], on: tape)
        #expect(batch.shape == [3, 3, 2])
        #expect(try batch.values() == [3, 0, 3].flatMap { values[$0 * 6..<$0 * 6 + 6] })
        #expect(try data.tensor(on: tape).values() == values)
      }
    }
  }

  /// Windows overlap, in any order, with and without features.
  @Test(arguments: TestDevice.all) func windowsStartAnywhere(_ device: TestDevice) throws {
    try device.run { backend in
      let values = (0..<60).map { Float($0) }
      for (shape, width) in [([60], 1), ([20, 3], 3), ([10, 3, 2], 6)] {
        let data = try DeviceData(values, shape: shape, on: Device(backend))
        let tape = Tape(Device(backend))
        for (length, starts) in [(7, [3, 0, 2, 3]), (shape[0], [0]), (1, [shape[0] - 1, 5]), (2, [])] {
          let windows = try data.windows(of: length, at: starts, on: tape)
          #expect(windows.shape == [starts.count, length] + shape.dropFirst())
          #expect(try windows.values() == starts.flatMap { values[$0 * width..<($0 + length) * width] })
        }
      }
    }
  }

  @Test(arguments: TestDevice.all) func windowsAreThoseOfTheHost(_ device: TestDevice) throws {
    try device.run { backend in
      for (features, stride) in [(1, 1), (3, 2)] {
        let windows = try Windows(
          (0..<20 * features).map { Float($0) }, features: features, steps: 4, horizon: 3, stride: stride)
        let resident = try DeviceWindows(windows, on: Device(backend))
        let tape = Tape(Device(backend))
        for group in windows.batchIndices(of: 4, seed: 2) {
          tape.reset()
          let batch = try windows.batch(group)
          let (inputs, targets) = (try resident.inputs(group, on: tape), try resident.targets(group, on: tape))
          #expect(inputs.shape == [4, group.count, features] && targets.shape == [3, group.count, features])
          #expect(try inputs.values() == batch.inputs)
          #expect(try targets.values() == batch.targets)
        }
      }
    }
  }

  /// A step copies the windows' indices, and nothing of the series.
  @Test func aStepUploadsIndicesOnly() throws {
    let counting = Counting(ReferenceBackend())
    let device = Device(counting.backend)
    let windows = try Windows((0..<4000).map { Float($0) }, steps: 100, horizon: 20)
    let resident = try DeviceWindows(windows, on: device)
    let tape = Tape(device)
    let before = counting.uploadedBytes
    _ = try resident.inputs([0, 5, 9], on: tape)
    #expect(counting.uploadedBytes - before == 3 * 4)
  }

  @Test func whatIsNotThereIsAnError() throws {
    let tape = referenceTape()
    let device = Device(tape.backend)
    #expect(message { _ = try DeviceData([1], shape: [2], on: device) } == "DeviceData: 1 values for shape [2]")
    let data = try DeviceData([1, 2], shape: [2, 1], on: device)
    #expect(
      message { _ = try data.elements([2], on: tape) }
        == "data on a device: element 2 is out of range (2); indices start at 0")
    #expect(
      message { _ = try data.elements([-1], on: tape) }
        == "data on a device: element -1 is out of range (2); indices start at 0")
    #expect(
      message { _ = try data.windows(of: 2, at: [1], on: tape) }
        == "data on a device: start 1 is out of range (1); indices start at 0")
    #expect(
      message { _ = try data.windows(of: 3, at: [0], on: tape) }
        == "data on a device: no windows of 3 in data of shape [2, 1]; use lengths from 1 to the first axis")
    #expect(
      message { _ = try data.tensor(on: referenceTape()) }?.contains("is on another device than reference") == true)
    let windows = try DeviceWindows(Windows([1, 2, 3], steps: 1), on: device)
    #expect(
      message { _ = try windows.targets([2], on: tape) }
        == "data on a device: window 2 is out of range (2); indices start at 0")
  }
}

import Recurrent
import Testing

/// The format, byte by byte.
struct CheckpointSafetensorsTests {
  /// A file with this header and these bytes of data.
  private func file(_ header: String, data: [UInt8] = []) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> ($0 * 8)) } + Array(header.utf8) + data
  }

  @Test func roundTrip() throws {
    var values = (0..<24).map { Float($0) * 0.37 - 3 }
    values[5] = -0.0
    let file = try Safetensors(
      [
        "b.weight": SafetensorsTensor(values, shape: [2, 3, 4]), "a": SafetensorsTensor([7], shape: []),
        "empty": SafetensorsTensor([Float](), shape: [0, 5]),
        "tokens": SafetensorsTensor(integers: [1, -2, .max], shape: [3]),
      ], metadata: ["format": "pt", "quote": "\"/\n"])
    let bytes = try file.serialized()
    let read = try Safetensors(parsing: bytes)
    #expect(read == file)
    #expect(try read.tensors["b.weight"]?.floats().map(\.bitPattern) == values.map(\.bitPattern))
    #expect(try read.tensors["tokens"]?.integers() == [1, -2, .max])
    let header = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    #expect(header % 8 == 0, "the data are aligned")
  }

  @Test func readsWhatOthersWrite() throws {
    let header = """
      {"__metadata__":{"k":"v"},"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},\
      "b":{"dtype":"BF16","shape":[1],"data_offsets":[4,6]},"d":{"dtype":"F64","shape":[],"data_offsets":[6,14]},\
      "i":{"dtype":"I64","shape":[1,1],"data_offsets":[14,22]}}
      """
    let data: [UInt8] =
      [0x00, 0x3C, 0x01, 0x80, 0xC0, 0xBF, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F] + [254] + [UInt8](repeating: 255, count: 7)
    let read = try Safetensors(parsing: file(header, data: data))
    #expect(read.metadata == ["k": "v"])
    #expect(try read.tensors["h"]?.floats() == [1, -0x1p-24])
    #expect(try read.tensors["b"]?.floats() == [-1.5])
    #expect(try read.tensors["d"]?.floats() == [1.5])
    #expect(try read.tensors["i"]?.integers() == [-2])
    #expect(throws: RecurrentError.self) { try read.tensors["i"]?.floats() }
    #expect(throws: RecurrentError.self) { try read.tensors["h"]?.integers() }
  }

  @Test(arguments: [
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}"#,  // longer than its shape
    #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"#,  // beyond the end
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,  // a gap before
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,  // bytes left over
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[4611686018427387904,4,2],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#,
    #"{"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}"#,
    #"{"a":{"shape":[2],"data_offsets":[0,8]}}"#,
    #"{"__metadata__":{"k":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
    #"{"a":[]}"#, "[]", "{", "",
  ])
  func refusesAHeaderThatLies(header: String) {
    let error = #expect(throws: RecurrentError.self) {
      try Safetensors(parsing: file(header, data: [UInt8](repeating: 0, count: 8)), from: "x.safetensors")
    }
    #expect(error?.kind == .invalidData)
    #expect(error?.location == "x.safetensors")
  }

  @Test func noDamageTraps() throws {
    let bytes = try Safetensors(
      ["a.b": SafetensorsTensor([1, 2, 3], shape: [3])], metadata: ["format": "pt"]
    ).serialized()
    for end in bytes.indices { #expect(throws: RecurrentError.self) { try Safetensors(parsing: Array(bytes[..<end])) } }
    for place in 0..<bytes.count - 12 {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[place] ^= 1 << bit
        // Some damage makes another valid file (a letter of a name); what counts is that nothing else happens.
        _ = try? Safetensors(parsing: damaged).stateDictionary()
      }
    }
  }

  @Test func typesThatAreNotReadAreNamed() throws {
    let header =
      #"{"u":{"dtype":"U16","shape":[2],"data_offsets":[0,4]},"q":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[4,5]}}"#
    let read = try Safetensors(parsing: file(header, data: [1, 0, 255, 255, 0]))
    #expect(try read.tensors["u"]?.integers() == [1, 65535])
    let error = #expect(throws: RecurrentError.self) {
      try Safetensors(["q": #require(read.tensors["q"])]).stateDictionary()
    }
    #expect(error?.location == "q" && error?.what.contains("F8_E4M3") == true)
    let other = #"{"odd":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}"#
    let refusal = #expect(throws: RecurrentError.self) {
      try Safetensors(parsing: file(other, data: [UInt8](repeating: 0, count: 8)))
    }
    #expect(refusal?.what.contains("odd") == true && refusal?.what.contains("C64") == true)
  }

  @Test func anEmptyTensorOfAHugeShapeEnds() throws {
    let read = try Safetensors(
      parsing: file(#"{"e":{"dtype":"F32","shape":[1125899906842624,0],"data_offsets":[0,0]}}"#))
    let tensor = try #require(read.stateDictionary()["e"])
    let tape = Tape(try Device.named("reference"))
    #expect(try tape.tensor(tensor.values, shape: tensor.shape).count == 0)
    #expect(try tape.kept(tensor.values, shape: tensor.shape).values() == [])
  }
}

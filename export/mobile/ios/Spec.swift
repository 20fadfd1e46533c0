import Foundation

/// What signatures.json says of one signature in one LiteRT file.
struct Spec {
  /// Of the LiteRT file, from where signatures.json is.
  let path: String
  /// The file's own: where it has one that is told of the whole picture beside a tile, that.
  let signature: String
  let stride, overlap, scale: Int
  /// By name.
  let inputs: [String: Stored]
  /// Names of those that a person gives.
  let pictures: [String]
  /// The picture that is made.
  let outputName: String
  let output: Stored
  /// Height and width that the file takes; other sizes too, in tiles, where `anySize`.
  let height, width: Int
  let anySize: Bool

  /// - Parameters:
  ///   - json: content of signatures.json.
  ///   - format: float32, float16, dynamic_int8 or int8.
  ///   - signature: one that makes a picture of pictures.
  /// - Throws: where the file is another, or broken.
  init(json: Data, format: String, signature: String = "restore") throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let all = try decoder.decode(Described.self, from: json)
    guard all.version == 2 else { throw Unfit("signatures.json is not of version 2") }
    let part = signature + "_part"
    let signature = all.signatures[part] == nil ? signature : part
    let file = all.files.first { $0.format == format && $0.signatures[signature] != nil }
    guard let file, let stored = file.signatures[signature],
      let made = all.signatures[signature]?.outputs.first(where: { $0.value.image }),
      let output = stored.outputs[made.key],
      let input = stored.inputs.first(where: { !beside.contains($0.key) })?.value
    else { throw Unfit("no \(format) file with signature \(signature)") }
    path = file.path
    self.signature = signature
    (stride, overlap, scale) = (all.stride, all.overlap, all.scale)
    inputs = stored.inputs
    pictures = inputs.keys.filter { !beside.contains($0) }.sorted()
    (outputName, self.output) = (made.key, output)
    (height, width) = (input.shape[1], input.shape[2])
    anySize = all.inputSide != nil
  }
}

/// The picture, reduced, and where the tile lies in it: top, left, bottom, right, as shares.
let (whole, box) = ("whole", "box")
private let beside = [whole, box]

/// How a tensor lies in memory: a number is scale * (stored - zeroPoint), or a float as it is.
struct Stored: Decodable {
  /// [1, height, width, channels], or [1, 4] of the box.
  let shape: [Int]
  private let dtype: String
  private let scale: Float?
  private let zeroPoint: Int?

  var channels: Int { shape[shape.count - 1] }
  var isFloat: Bool { dtype == "float32" }

  /// A picture's bytes as they are stored; uint8 at 1/255 and 0: as they are.
  func data(_ bytes: [UInt8]) -> Data {
    let floats = (0..<256).map { Float($0) / 255 }
    if isFloat { return bytes.map { floats[Int($0)] }.withUnsafeBytes { Data($0) } }
    let levels = floats.map { number in
      let stored = (number / scale! + Float(zeroPoint!)).rounded(.toNearestOrEven)
      return UInt8(min(max(stored, 0), 255))
    }
    return Data(bytes.map { levels[Int($0)] })
  }

  /// The numbers that are stored.
  func numbers(_ data: Data) -> [Float] {
    if !isFloat { return data.map { scale! * Float(Int($0) - zeroPoint!) } }
    return [Float](unsafeUninitializedCapacity: data.count / 4) { numbers, count in
      count = data.copyBytes(to: numbers) / 4
    }
  }
}

/// What is wrong with a file or a picture.
struct Unfit: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

private struct Described: Decodable {
  struct Signature<Tensor: Decodable>: Decodable {
    let inputs, outputs: [String: Tensor]
  }
  struct Declared: Decodable { let image: Bool }
  struct File: Decodable {
    let path, format: String
    let signatures: [String: Signature<Stored>]
  }
  let version, stride, overlap, scale: Int
  let inputSide: Int?
  let signatures: [String: Signature<Declared>]
  let files: [File]
}

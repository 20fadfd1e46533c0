import Foundation

// SIGNATURES FORMAT HEIGHT WIDTH OUTPUT NAME=BYTES...: each tile is asked of who started it.
let arguments = Array(CommandLine.arguments.dropFirst())
let json = try Data(contentsOf: URL(fileURLWithPath: arguments[0]))
let spec = try Spec(json: json, format: arguments[1])
let (height, width) = (Int(arguments[2])!, Int(arguments[3])!)
var pictures = [String: Picture]()
for argument in arguments.dropFirst(5) {
  let parts = argument.split(separator: "=").map(String.init)
  let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: parts[1])))
  let channels = spec.inputs[parts[0]]!.channels
  pictures[parts[0]] = Picture(height: height, width: width, channels: channels, bytes: bytes)
}

func bigEndian(_ number: Int) -> Data { withUnsafeBytes(of: UInt32(number).bigEndian) { Data($0) } }

let result = try restore(spec, pictures) { tile, tileHeight, tileWidth in
  let (answers, questions) = (FileHandle.standardInput, FileHandle.standardOutput)
  questions.write(bigEndian(tileHeight) + bigEndian(tileWidth))
  for name in tile.keys.sorted() { questions.write(tile[name]!) }
  let count = answers.readData(ofLength: 4).reduce(0) { 256 * $0 + Int($1) }
  return answers.readData(ofLength: count)
}
try Data(result.bytes).write(to: URL(fileURLWithPath: arguments[4]))

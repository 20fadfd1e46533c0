import Foundation

/// Rows of pixels from the top, `channels` bytes a pixel.
struct Picture {
  let height, width, channels: Int
  var bytes: [UInt8]
}

/// One tile: inputs by name, height, width -> the output, all as they are stored.
typealias Run = ([String: Data], Int, Int) throws -> Data

/// A picture of any size through a signature of a fixed size: overlapping tiles, blended.
///
/// - Parameters:
///   - pictures: by the inputs' names, all of one size.
///   - progress: called after every tile with (tiles done, tiles in all).
///   - run: a tile is as large as the file's input, or as the picture where that is smaller and no
///     box goes with it.
/// - Returns: a picture `scale` times as large.
func restore(
  _ spec: Spec, _ pictures: [String: Picture], progress: (Int, Int) -> Void = { _, _ in }, run: Run
) throws -> Picture {
  let (height, width) = try size(spec, pictures)
  let (scale, channels) = (spec.scale, spec.output.channels)
  let rows = Axis(side: height, most: spec.height, spec)
  let columns = Axis(side: width, most: spec.width, spec)
  let line = width * scale * channels
  var bytes = [UInt8](repeating: 0, count: height * scale * line)
  let bandLine = columns.length * scale * channels
  var band = [Float](repeating: 0, count: rows.tile * scale * bandLine)
  var seen = [String: Data]()
  if let stored = spec.inputs[whole] {
    let small = reduced(pictures[spec.pictures[0]]!, stored.shape[1], stored.shape[2])
    seen[whole] = stored.data(small.bytes)
  }
  for (i, top) in rows.starts.enumerated() {
    for (j, left) in columns.starts.enumerated() {
      var inputs = seen
      for name in spec.pictures {
        let bytes = cut(pictures[name]!, rows.pixels(top), columns.pixels(left))
        inputs[name] = spec.inputs[name]!.data(bytes)
      }
      if spec.inputs[box] != nil {
        let ends = [
          Double(top) / Double(height), Double(left) / Double(width),
          Double(top + rows.tile) / Double(height), Double(left + columns.tile) / Double(width),
        ]
        inputs[box] = ends.map { Float($0) }.withUnsafeBytes { Data($0) }
      }
      let tile = spec.output.numbers(try run(inputs, rows.tile, columns.tile))
      var from = 0
      for y in 0..<rows.tile * scale {
        var to = y * bandLine + left * scale * channels
        for x in 0..<columns.tile * scale {
          let weight = rows.weights[i][y] * columns.weights[j][x]
          for _ in 0..<channels {
            band[to] += weight * tile[from]
            (to, from) = (to + 1, from + 1)
          }
        }
      }
      progress(i * columns.starts.count + j + 1, rows.starts.count * columns.starts.count)
    }
    // Rows above the next tile's top are final; the others wait for its share.
    let next = i + 1 < rows.starts.count ? rows.starts[i + 1] : top + rows.tile
    let ready = (next - top) * scale
    for y in 0..<min(ready, (height - top) * scale) {
      for x in 0..<line {
        let level = min(max(band[y * bandLine + x], 0), 1) * 255
        bytes[(top * scale + y) * line + x] = UInt8(level.rounded(.toNearestOrEven))
      }
    }
    band.removeFirst(ready * bandLine)
    band += [Float](repeating: 0, count: ready * bandLine)
  }
  return Picture(height: height * scale, width: width * scale, channels: channels, bytes: bytes)
}

/// Tiles along one side of a picture, which the file takes `most` pixels of.
struct Axis {
  /// The side, made a multiple of the stride, with a box at least a tile; side of a tile.
  let length, tile: Int
  let starts: [Int]
  /// Of each tile's output pixels; they sum to one at every pixel.
  let weights: [[Float]]
  private let side: Int

  init(side: Int, most: Int, _ spec: Spec) {
    let least = spec.inputs[box] == nil ? 0 : most
    let length = max((side + spec.stride - 1) / spec.stride * spec.stride, least)
    let (tile, scale) = (min(most, length), spec.scale)
    let step = max(most - spec.overlap, spec.stride)
    let starts = Array(stride(from: 0, to: length - tile, by: step)) + [length - tile]

    /// Zero for a quarter of the overlap, a slope for half of it, then one.
    let slope = max(Double((most - step) * scale) / 2, 0.5)
    let rise = (0..<tile * scale).map { min(max((Double($0) + 0.5 - slope / 2) / slope, 0), 1) }
    let ramps = starts.map { start in
      rise.indices.map { i in
        min(start == 0 ? 1 : rise[i], start + tile == length ? 1 : rise[rise.count - 1 - i])
      }
    }
    var total = [Double](repeating: 0, count: length * scale)
    for (start, ramp) in zip(starts, ramps) {
      for (i, share) in ramp.enumerated() { total[start * scale + i] += share }
    }
    weights = zip(starts, ramps).map { start, ramp in
      ramp.enumerated().map { i, share in Float(share / total[start * scale + i]) }
    }
    (self.side, self.length, self.tile, self.starts) = (side, length, tile, starts)
  }

  /// Which pixels of the picture a tile shows; beyond the edge it is mirrored.
  func pixels(_ start: Int) -> [Int] {
    (start..<start + tile).map { min($0 % (2 * side), 2 * side - 1 - $0 % (2 * side)) }
  }
}

/// Bilinear, with antialiasing where it becomes smaller.
func reduced(_ picture: Picture, _ height: Int, _ width: Int) -> Picture {
  let rows = shares(picture.height, height)
  let columns = shares(picture.width, width)
  let (channels, line) = (picture.channels, picture.width * picture.channels)
  var bytes = [UInt8]()
  for row in rows {
    var sums = [Double](repeating: 0, count: line)
    for (from, share) in row {
      for x in 0..<line { sums[x] += share * Double(picture.bytes[from * line + x]) }
    }
    for column in columns {
      for c in 0..<channels {
        let level = column.reduce(0.0) { $0 + $1.share * sums[$1.from * channels + c] }
        bytes.append(UInt8(level.rounded(.toNearestOrEven)))
      }
    }
  }
  return Picture(height: height, width: width, channels: channels, bytes: bytes)
}

/// Of which of `length` pixels each of `count` is made, and how much of it each is.
private func shares(_ length: Int, _ count: Int) -> [[(from: Int, share: Double)]] {
  let ratio = Double(length) / Double(count)
  return (0..<count).map { i in
    let place = min(max((Double(i) + 0.5) * ratio - 0.5, 0), Double(length - 1))
    let near = (0..<length).map { (from: $0, share: 1 - abs(place - Double($0)) / max(ratio, 1)) }
      .filter { $0.share > 0 }
    let sum = near.reduce(0.0) { $0 + $1.share }
    return near.map { (from: $0.from, share: $0.share / sum) }
  }
}

private func size(_ spec: Spec, _ pictures: [String: Picture]) throws -> (Int, Int) {
  let sizes = Set(spec.pictures.map { [pictures[$0]?.height ?? 0, pictures[$0]?.width ?? 0] })
  guard sizes.count == 1, let size = sizes.first, size[0] > 0 else {
    throw Unfit("\(spec.pictures) must be given in one size; got \(sizes)")
  }
  guard spec.anySize || size == [spec.height, spec.width] else {
    throw Unfit("the model takes \(spec.width)x\(spec.height) alone")
  }
  return (size[0], size[1])
}

private func cut(_ picture: Picture, _ rows: [Int], _ columns: [Int]) -> [UInt8] {
  var bytes = [UInt8]()
  bytes.reserveCapacity(rows.count * columns.count * picture.channels)
  for y in rows {
    for x in columns {
      let from = (y * picture.width + x) * picture.channels
      bytes += picture.bytes[from..<from + picture.channels]
    }
  }
  return bytes
}

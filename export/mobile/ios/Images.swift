import CoreGraphics
import Foundation

extension Picture {
  /// The pixels of an image as seen on white, in RGB or, by BT.601 luma, in gray.
  init?(_ image: CGImage, channels: Int) {
    let (height, width) = (image.height, image.width)
    let area = CGRect(x: 0, y: 0, width: width, height: height)
    guard let context = rgbx(height, width) else { return nil }
    context.setFillColor(red: 1, green: 1, blue: 1, alpha: 1)
    context.fill(area)
    context.draw(image, in: area)
    guard let data = context.data else { return nil }
    let pixels = UnsafeRawBufferPointer(start: data, count: 4 * height * width)
    var bytes = [UInt8]()
    bytes.reserveCapacity(height * width * channels)
    for pixel in stride(from: 0, to: pixels.count, by: 4) {
      let rgb = pixels[pixel..<pixel + 3]
      if channels == 3 {
        bytes += rgb
      } else {
        let luma = zip(rgb, [0.299, 0.587, 0.114] as [Float]).reduce(0) { $0 + Float($1.0) * $1.1 }
        bytes.append(UInt8(luma.rounded(.toNearestOrEven)))
      }
    }
    self.init(height: height, width: width, channels: channels, bytes: bytes)
  }

  /// An image of 1 or 3 channels for the screen.
  var image: CGImage? {
    guard let context = rgbx(height, width), let data = context.data else { return nil }
    let pixels = UnsafeMutableRawBufferPointer(start: data, count: 4 * height * width)
    for pixel in 0..<height * width {
      for c in 0..<3 {
        pixels[4 * pixel + c] = bytes[pixel * channels + (channels == 1 ? 0 : c)]
      }
    }
    return context.makeImage()
  }
}

/// Memory of red, green, blue and an unused byte a pixel.
private func rgbx(_ height: Int, _ width: Int) -> CGContext? {
  CGContext(
    data: nil, width: width, height: height, bitsPerComponent: 8, bytesPerRow: 4 * width,
    space: CGColorSpace(name: CGColorSpace.sRGB)!,
    bitmapInfo: CGImageAlphaInfo.noneSkipLast.rawValue)
}

import Foundation
import TensorFlowLite

/// An exported model in the app's bundle. Use it from one thread at a time, off the main one.
final class Restorer {
  let spec: Spec
  private let cpu: Lite
  private let gpu: Lite?

  /// - Parameters:
  ///   - folder: with signatures.json and tflite/ in it; a folder reference in Xcode.
  ///   - format: int8 is the smallest; float16 is the one for a GPU.
  ///   - useGPU: whether to try; pictures smaller than a tile are computed by the CPU.
  init(folder: URL, format: String, useGPU: Bool = false, signature: String = "restore") throws {
    let json = try Data(contentsOf: folder.appendingPathComponent("signatures.json"))
    spec = try Spec(json: json, format: format, signature: signature)
    let path = folder.appendingPathComponent(spec.path).path
    cpu = try Lite(spec, path)
    let isFloat = (spec.inputs.values + [spec.output]).allSatisfy { $0.isFloat }
    gpu = useGPU && isFloat ? Lite.onGPU(spec, path) : nil
  }

  /// Whether there is a GPU that runs the model.
  var onGPU: Bool { gpu != nil }

  /// Pictures by the inputs' names ("image", for completion "mask" too) -> the restored one.
  func callAsFunction(
    _ pictures: [String: Picture], progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> Picture {
    try restore(spec, pictures, progress: progress) { tile, height, width in
      let fits = height == spec.height && width == spec.width
      return try (fits ? gpu ?? cpu : cpu).run(tile, height, width)
    }
  }
}

/// LiteRT's interpreter, by signature.
private final class Lite {
  private let spec: Spec
  private let runner: SignatureRunner
  private var sides: [Int]  // of the inputs, as they are allocated

  init(_ spec: Spec, _ path: String, delegates: [Delegate]? = nil) throws {
    self.spec = spec
    sides = [spec.height, spec.width]
    var options = Interpreter.Options()
    options.threadCount = 2
    options.isXNNPackEnabled = delegates == nil
    let interpreter = try Interpreter(modelPath: path, options: options, delegates: delegates)
    runner = try interpreter.signatureRunner(with: spec.signature)
  }

  /// Nil where there is no GPU, or where the pod is without its subspec Metal.
  static func onGPU(_ spec: Spec, _ path: String) -> Lite? {
    #if canImport(TensorFlowLiteCMetal)
      return try? Lite(spec, path, delegates: [MetalDelegate()])
    #else
      return nil
    #endif
  }

  func run(_ inputs: [String: Data], _ height: Int, _ width: Int) throws -> Data {
    if sides != [height, width] {
      for (name, stored) in spec.inputs {
        try runner.resizeInput(named: name, toShape: [1, height, width, stored.channels])
      }
      try runner.allocateTensors()
      sides = [height, width]
    }
    try runner.invoke(with: inputs)
    return try runner.output(named: spec.outputName).data
  }
}

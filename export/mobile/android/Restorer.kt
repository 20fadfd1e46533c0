package zoo.mobile

import android.content.res.AssetManager
import com.google.ai.edge.litert.Accelerator
import com.google.ai.edge.litert.CompiledModel
import com.google.ai.edge.litert.LiteRtException
import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.tensorflow.lite.Interpreter

/**
 * An exported model in the app's assets. Make one off the main thread, use it from one thread at
 * a time, and close it.
 *
 * @param folder in the assets, with signatures.json and tflite/ in it.
 * @param format int8 is the smallest; float16 is the one for a GPU.
 * @param useGpu whether to try; without one, and for pictures smaller than a tile, the CPU computes.
 */
class Restorer(
    assets: AssetManager,
    folder: String,
    format: String,
    useGpu: Boolean = false,
    signature: String = "restore",
) : AutoCloseable {
    private val spec = Spec(assets.bytes("$folder/signatures.json").decodeToString(), format, signature)
    private val cpu = Cpu(spec, assets.bytes("$folder/${spec.path}"))
    private val gpu = if (useGpu) Gpu.orNull(spec, assets, "$folder/${spec.path}") else null

    /** Whether there is a GPU that runs the model. */
    val onGpu get() = gpu != null

    /** Pictures by the inputs' names ("image", for completion "mask" too) -> the restored one. */
    fun restore(
        pictures: Map<String, Picture>,
        progress: (Int, Int) -> Unit = { _, _ -> },
    ): Picture {
        val run: Run = { tile, height, width ->
            val fits = height == spec.height && width == spec.width
            if (gpu != null && fits) gpu.run(tile) else cpu.run(tile, height, width)
        }
        return restore(spec, pictures, run, progress)
    }

    /** How many channels an input takes: 1 for gray, 3 for RGB. */
    fun channels(input: String) = spec.inputs.getValue(input).channels

    override fun close() {
        cpu.close()
        gpu?.close()
    }
}

/** LiteRT's Interpreter on the CPU: every format, and tiles of any size. */
class Cpu(private val spec: Spec, model: ByteArray, threads: Int = 4) : AutoCloseable {
    private val interpreter = Interpreter(
        ByteBuffer.allocateDirect(model.size).order(ByteOrder.nativeOrder()).put(model),
        Interpreter.Options().setNumThreads(threads),
    )
    private var sides = spec.height to spec.width // of the inputs, as they are allocated

    fun run(inputs: Map<String, ByteBuffer>, height: Int, width: Int): ByteBuffer {
        if (sides != height to width) spec.pictures.forEach { resize(it, height, width) }
        sides = height to width
        val output = spec.output.buffer(height * spec.scale, width * spec.scale)
        interpreter.runSignature(inputs, mapOf(spec.outputName to output), spec.signature)
        output.rewind()
        return output
    }

    private fun resize(name: String, height: Int, width: Int) {
        val tensor = interpreter.getInputTensorFromSignature(name, spec.signature).index()
        // Resizing goes by a place in the file, which a signature does not tell.
        val place = (0 until interpreter.inputTensorCount).first {
            interpreter.getInputTensor(it).index() == tensor
        }
        val channels = spec.inputs.getValue(name).channels
        interpreter.resizeInput(place, intArrayOf(1, height, width, channels))
    }

    override fun close() = interpreter.close()
}

/** LiteRT's CompiledModel on the GPU: formats with floats in and out, tiles of the file's size. */
class Gpu private constructor(private val spec: Spec, assets: AssetManager, path: String) :
    AutoCloseable {
    // The GPU alone: with the CPU beside it, nobody would hear that there is none.
    private val model =
        CompiledModel.create(assets, path, CompiledModel.Options(Accelerator.GPU))
    private val inputs =
        spec.inputs.keys.associateWith { model.createInputBuffer(it, spec.signature) }
    private val outputs =
        mapOf(spec.outputName to model.createOutputBuffer(spec.outputName, spec.signature))

    fun run(tile: Map<String, ByteBuffer>): ByteBuffer {
        for ((name, buffer) in inputs) {
            val floats = tile.getValue(name).asFloatBuffer()
            buffer.writeFloat(FloatArray(floats.capacity()).also { floats.get(it) })
        }
        model.run(inputs, outputs, spec.signature)
        val output = spec.output.buffer(spec.height * spec.scale, spec.width * spec.scale)
        output.asFloatBuffer().put(outputs.getValue(spec.outputName).readFloat())
        return output
    }

    override fun close() {
        (inputs + outputs).values.forEach { it.close() }
        model.close()
    }

    companion object {
        /** Null where there is no GPU, or where it lacks an operator of the model. */
        fun orNull(spec: Spec, assets: AssetManager, path: String): Gpu? = try {
            val isFloat = (spec.inputs.values + spec.output).all { it.isFloat }
            if (isFloat) Gpu(spec, assets, path) else null
        } catch (error: LiteRtException) {
            null
        }
    }
}

private fun AssetManager.bytes(path: String) = open(path).use { it.readBytes() }

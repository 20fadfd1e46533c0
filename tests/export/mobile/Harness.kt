import java.io.DataInputStream
import java.io.DataOutputStream
import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder
import zoo.mobile.Picture
import zoo.mobile.Spec
import zoo.mobile.restore

/** SIGNATURES FORMAT HEIGHT WIDTH OUTPUT NAME=BYTES...: each tile is asked of who started it. */
fun main(arguments: Array<String>) {
    val spec = Spec(File(arguments[0]).readText(), arguments[1])
    val (height, width) = arguments.slice(2..3).map { it.toInt() }
    val pictures = arguments.drop(5).associate {
        val (name, file) = it.split("=")
        name to Picture(height, width, spec.inputs.getValue(name).channels, File(file).readBytes())
    }
    val answers = DataInputStream(System.`in`.buffered())
    val questions = DataOutputStream(System.out.buffered())
    val result = restore(spec, pictures, { tile, tileHeight, tileWidth ->
        questions.writeInt(tileHeight)
        questions.writeInt(tileWidth)
        for (name in tile.keys.sorted()) {
            questions.write(ByteArray(tile.getValue(name).capacity()).also { tile.getValue(name).get(it) })
        }
        questions.flush()
        ByteBuffer.wrap(ByteArray(answers.readInt()).also { answers.readFully(it) })
            .order(ByteOrder.nativeOrder())
    })
    File(arguments[4]).writeBytes(result.bytes)
}

package zoo.mobile

import java.nio.ByteBuffer
import java.nio.ByteOrder
import kotlin.math.round
import org.json.JSONArray
import org.json.JSONObject

/**
 * What signatures.json says of one signature in one LiteRT file.
 *
 * Throws IllegalArgumentException or JSONException where the file is another, or broken.
 *
 * @param text content of signatures.json.
 * @param format float32, float16, dynamic_int8 or int8.
 * @param signature one that makes a picture of pictures.
 */
class Spec(text: String, format: String, signature: String = "restore") {
    private val json = JSONObject(text)

    /** The file's own: where it has one that is told of the whole picture beside a tile, that. */
    val signature =
        "${signature}_part".takeIf { json.getJSONObject("signatures").has(it) } ?: signature
    private val file = requireNotNull(
        json.getJSONArray("files").objects().find {
            it.getString("format") == format && it.getJSONObject("signatures").has(this.signature)
        }
    ) { "no $format file with signature $signature" }
    private val stored = file.getJSONObject("signatures").getJSONObject(this.signature)

    init {
        require(json.getInt("version") == 2) { "signatures.json is not of version 2" }
    }

    /** Of the LiteRT file, from where signatures.json is. */
    val path: String = file.getString("path")

    val stride = json.getInt("stride")
    val overlap = json.getInt("overlap")
    val scale = json.getInt("scale")

    /** By name. */
    val inputs = stored.getJSONObject("inputs").let { named ->
        named.keyList().associateWith { Stored(named.getJSONObject(it)) }
    }

    /** Names of those that a person gives. */
    val pictures = inputs.keys - setOf(WHOLE, BOX)

    /** The picture that is made. */
    val outputName: String
    val output: Stored

    /** Height and width that the file takes; other sizes too, in tiles, where `anySize`. */
    val height = inputs.getValue(pictures.first()).shape[1]
    val width = inputs.getValue(pictures.first()).shape[2]
    val anySize = !json.isNull("input_side")

    init {
        val declared = json.getJSONObject("signatures").getJSONObject(this.signature)
        outputName = declared.getJSONObject("outputs").let { named ->
            named.keyList().first { named.getJSONObject(it).getBoolean("image") }
        }
        output = Stored(stored.getJSONObject("outputs").getJSONObject(outputName))
    }
}

/** The picture, reduced, and where the tile lies in it: top, left, bottom, right, as shares. */
const val WHOLE = "whole"
const val BOX = "box"

/** How a tensor lies in memory: a number is scale * (stored - zeroPoint), or a float as it is. */
class Stored(json: JSONObject) {
    /** [1, height, width, channels], or [1, 4] of the box. */
    val shape = json.getJSONArray("shape").let { list -> List(list.length()) { list.getInt(it) } }
    val channels = shape.last()
    val isFloat = json.getString("dtype") == "float32"
    private val scale = json.optDouble("scale", 1.0).toFloat()
    private val zeroPoint = json.optInt("zero_point", 0)

    /** What a picture's bytes 0 to 255 are stored as; uint8 at 1/255 and 0: themselves. */
    private val floats = FloatArray(256) { it / 255f }
    private val bytes = ByteArray(256) {
        round(floats[it] / scale + zeroPoint).coerceIn(0f, 255f).toInt().toByte()
    }

    /** Memory for a tensor of these sides. */
    fun buffer(height: Int, width: Int): ByteBuffer =
        ByteBuffer.allocateDirect(height * width * channels * if (isFloat) 4 else 1)
            .order(ByteOrder.nativeOrder())

    /** Appends a picture's byte, 0 to 255. */
    fun put(buffer: ByteBuffer, level: Int) {
        if (isFloat) buffer.putFloat(floats[level]) else buffer.put(bytes[level])
    }

    /** The numbers that are stored. */
    fun numbers(buffer: ByteBuffer): FloatArray =
        if (isFloat) FloatArray(buffer.capacity() / 4).also { buffer.asFloatBuffer().get(it) }
        else FloatArray(buffer.capacity()) { scale * ((buffer.get(it).toInt() and 255) - zeroPoint) }
}

private fun JSONArray.objects() = List(length()) { getJSONObject(it) }

private fun JSONObject.keyList() = names()!!.let { list -> List(list.length()) { list.getString(it) } }

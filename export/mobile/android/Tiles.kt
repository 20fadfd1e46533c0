package zoo.mobile

import java.nio.ByteBuffer
import kotlin.math.abs
import kotlin.math.max
import kotlin.math.min
import kotlin.math.round

/** Rows of pixels from the top, `channels` bytes a pixel. */
class Picture(val height: Int, val width: Int, val channels: Int, val bytes: ByteArray) {
    constructor(height: Int, width: Int, channels: Int) :
        this(height, width, channels, ByteArray(height * width * channels))
}

/** One tile: inputs by name, height, width -> the output, all as they are stored. */
typealias Run = (Map<String, ByteBuffer>, Int, Int) -> ByteBuffer

/**
 * A picture of any size through a signature of a fixed size: overlapping tiles, blended.
 *
 * @param pictures by the inputs' names, all of one size.
 * @param run a tile is as large as the file's input, or as the picture where that is smaller and no
 * box goes with it.
 * @param progress called after every tile with (tiles done, tiles in all).
 * @return `scale` times as large.
 */
fun restore(
    spec: Spec,
    pictures: Map<String, Picture>,
    run: Run,
    progress: (Int, Int) -> Unit = { _, _ -> },
): Picture {
    val (height, width) = size(spec, pictures)
    val scale = spec.scale
    val channels = spec.output.channels
    val rows = Axis(height, spec.height, spec)
    val columns = Axis(width, spec.width, spec)
    val result = Picture(height * scale, width * scale, channels)
    val buffers = spec.inputs.mapValues { (name, stored) ->
        when (name) {
            WHOLE -> stored.buffer(stored.shape[1], stored.shape[2])
            BOX -> stored.buffer(1, 1)
            else -> stored.buffer(rows.tile, columns.tile)
        }
    }
    spec.inputs[WHOLE]?.let { stored ->
        val picture = pictures.getValue(spec.pictures.first())
        val small = reduced(picture, stored.shape[1], stored.shape[2])
        val every = IntArray(small.height) { it } to IntArray(small.width) { it }
        cut(small, every.first, every.second, stored, buffers.getValue(WHOLE))
    }
    val line = columns.length * scale * channels
    val band = FloatArray(rows.tile * scale * line)
    for ((i, top) in rows.starts.withIndex()) {
        for ((j, left) in columns.starts.withIndex()) {
            for (name in spec.pictures) {
                val (stored, picture) = spec.inputs.getValue(name) to pictures.getValue(name)
                cut(picture, rows.pixels(top), columns.pixels(left), stored, buffers.getValue(name))
            }
            buffers[BOX]?.run {
                clear()
                putFloat((top.toDouble() / height).toFloat())
                putFloat((left.toDouble() / width).toFloat())
                putFloat(((top + rows.tile).toDouble() / height).toFloat())
                putFloat(((left + columns.tile).toDouble() / width).toFloat())
            }
            buffers.values.forEach { it.rewind() } // who reads them moves their position
            val tile = spec.output.numbers(run(buffers, rows.tile, columns.tile))
            var from = 0
            for (y in 0 until rows.tile * scale) {
                var to = y * line + left * scale * channels
                for (x in 0 until columns.tile * scale) {
                    val weight = rows.weights[i][y] * columns.weights[j][x]
                    repeat(channels) { band[to++] += weight * tile[from++] }
                }
            }
            progress(i * columns.starts.size + j + 1, rows.starts.size * columns.starts.size)
        }
        // Rows above the next tile's top are final; the others wait for its share.
        val next = rows.starts.getOrElse(i + 1) { top + rows.tile }
        val ready = (next - top) * scale
        for (y in 0 until min(ready, result.height - top * scale)) {
            val to = (top * scale + y) * result.width * channels
            for (x in 0 until result.width * channels) {
                val level = round(band[y * line + x].coerceIn(0f, 1f) * 255f)
                result.bytes[to + x] = level.toInt().toByte()
            }
        }
        band.copyInto(band, 0, ready * line)
        band.fill(0f, band.size - ready * line)
    }
    return result
}

/** Tiles along one side of a picture, which the file takes `most` pixels of. */
class Axis(private val side: Int, most: Int, spec: Spec) {
    /** The side, made a multiple of the stride; with a box, at least a tile of the file's size. */
    val length = max(
        (side + spec.stride - 1) / spec.stride * spec.stride,
        if (BOX in spec.inputs) most else 0,
    )

    /** Side of a tile. */
    val tile = min(most, length)

    private val step = max(most - spec.overlap, spec.stride)
    val starts = (0 until length - tile step step) + (length - tile)

    /** Of each tile's output pixels; they sum to one at every pixel. */
    val weights: List<FloatArray>

    init {
        val ramps = starts.map { ramp(it, (most - step) * spec.scale, spec.scale) }
        val total = DoubleArray(length * spec.scale)
        for ((start, ramp) in starts.zip(ramps)) {
            ramp.forEachIndexed { i, share -> total[start * spec.scale + i] += share }
        }
        weights = starts.zip(ramps) { start, ramp ->
            FloatArray(ramp.size) { (ramp[it] / total[start * spec.scale + it]).toFloat() }
        }
    }

    /** Which pixels of the picture a tile shows; beyond the edge it is mirrored. */
    fun pixels(start: Int) = IntArray(tile) {
        val wave = (start + it) % (2 * side)
        min(wave, 2 * side - 1 - wave)
    }

    /** Zero for a quarter of the overlap, a slope for half of it, then one. */
    private fun ramp(start: Int, overlap: Int, scale: Int): DoubleArray {
        val slope = max(overlap / 2.0, 0.5) // some weight everywhere without overlap
        val rise = DoubleArray(tile * scale) { ((it + 0.5 - slope / 2) / slope).coerceIn(0.0, 1.0) }
        return DoubleArray(rise.size) {
            val before = if (start == 0) 1.0 else rise[it]
            val after = if (start + tile == length) 1.0 else rise[rise.size - 1 - it]
            min(before, after)
        }
    }
}

/** Bilinear, with antialiasing where it becomes smaller. */
fun reduced(picture: Picture, height: Int, width: Int): Picture {
    val rows = shares(picture.height, height)
    val columns = shares(picture.width, width)
    val channels = picture.channels
    val line = picture.width * channels
    val small = Picture(height, width, channels)
    for ((y, row) in rows.withIndex()) {
        val sums = DoubleArray(line)
        for ((from, share) in row) {
            for (x in 0 until line) sums[x] += share * (picture.bytes[from * line + x].toInt() and 255)
        }
        for ((x, column) in columns.withIndex()) for (c in 0 until channels) {
            val level = column.sumOf { (from, share) -> share * sums[from * channels + c] }
            small.bytes[(y * width + x) * channels + c] = round(level).toInt().toByte()
        }
    }
    return small
}

/** Of which of `length` pixels each of `count` is made, and how much of it each is. */
private fun shares(length: Int, count: Int): List<List<Pair<Int, Double>>> {
    val ratio = length.toDouble() / count
    return List(count) { i ->
        val place = ((i + 0.5) * ratio - 0.5).coerceIn(0.0, length - 1.0)
        val near = (0 until length).map { it to 1 - abs(place - it) / max(ratio, 1.0) }
        val sum = near.sumOf { max(it.second, 0.0) }
        near.filter { it.second > 0 }.map { (from, share) -> from to share / sum }
    }
}

private fun size(spec: Spec, pictures: Map<String, Picture>): Pair<Int, Int> {
    val sizes = spec.pictures.map { pictures.getValue(it).run { height to width } }.distinct()
    require(sizes.size == 1) { "sizes differ: $sizes" }
    require(spec.anySize || sizes[0] == spec.height to spec.width) {
        "the model takes ${spec.width}x${spec.height} alone"
    }
    return sizes[0]
}

private fun cut(picture: Picture, rows: IntArray, columns: IntArray, stored: Stored, to: ByteBuffer) {
    to.clear()
    for (y in rows) for (x in columns) {
        val from = (y * picture.width + x) * picture.channels
        for (c in 0 until picture.channels) stored.put(to, picture.bytes[from + c].toInt() and 255)
    }
    to.rewind()
}

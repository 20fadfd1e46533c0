package zoo.mobile

import android.graphics.Bitmap
import kotlin.math.round

/** The pixels as seen on white, in RGB or, by BT.601 luma, in gray. */
fun Bitmap.toPicture(channels: Int): Picture {
    val colors = IntArray(width * height)
    // A copy, since a bitmap in the GPU's memory has no pixels to get.
    copy(Bitmap.Config.ARGB_8888, false).getPixels(colors, 0, width, 0, 0, width, height)
    val picture = Picture(height, width, channels)
    for ((i, color) in colors.withIndex()) {
        val (red, green, blue) = listOf(16, 8, 0).map { onWhite(color ushr it and 255, color ushr 24) }
        if (channels == 1) {
            picture.bytes[i] = round(0.299f * red + 0.587f * green + 0.114f * blue).toInt().toByte()
        } else {
            picture.bytes[3 * i] = red.toByte()
            picture.bytes[3 * i + 1] = green.toByte()
            picture.bytes[3 * i + 2] = blue.toByte()
        }
    }
    return picture
}

/** A picture of 1 or 3 channels on the screen. */
fun Picture.toBitmap(): Bitmap {
    val colors = IntArray(width * height) { i ->
        fun level(c: Int) = bytes[i * channels + if (channels == 1) 0 else c].toInt() and 255
        (255 shl 24) or (level(0) shl 16) or (level(1) shl 8) or level(2)
    }
    return Bitmap.createBitmap(colors, width, height, Bitmap.Config.ARGB_8888)
}

private fun onWhite(level: Int, alpha: Int): Int =
    round((level * alpha + 255 * (255 - alpha)) / 255f).toInt()

"""Sound in and out of files: decode, downmix, resample, write. Free of TensorFlow."""

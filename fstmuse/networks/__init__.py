"""Networks in pure Keras, and the catalogue that names them."""

"""How well what is exported agrees with Keras, number by number and by the metric."""

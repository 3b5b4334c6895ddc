"""The shipped conformance tests, tried on engines that conform and on engines that do not."""

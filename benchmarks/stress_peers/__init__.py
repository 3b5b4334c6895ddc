"""Engines that test strategies on bars, each in an environment of its own, and hedgecheck's, asked alike."""

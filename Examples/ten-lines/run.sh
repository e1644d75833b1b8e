#!/bin/sh
# Builds and runs a program of ten lines that plans with the libraries.
set -eu
cd "$(dirname "$0")"
swift run ten-lines

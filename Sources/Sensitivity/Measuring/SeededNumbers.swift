import Foundation

/// Random numbers that follow from a seed alone, the same on every machine.
///
/// SplitMix64 (Steele, Lea and Flood, Fast splittable pseudorandom number generators, 2014). A second number names one
/// of many independent sequences of the same seed, so that pieces of work may be done in any order or on any core.
package struct SeededNumbers: RandomNumberGenerator, Sendable {
    private var state: UInt64
    private var spare: Double?

    /// Creates the sequence of a seed.
    package init(seed: UInt64, sequence: UInt64 = 0) {
        // The finalizer is a bijection, so that neighbouring sequences begin far apart.
        state = Self.mixed(seed &+ 0x9E37_79B9_7F4A_7C15) ^ Self.mixed(sequence &* 0xD134_2543_DE82_EF95 &+ 1)
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    /// A number from 0 up to, but not including, 1.
    package mutating func uniform() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// A number of the standard normal distribution, by the polar method (Marsaglia and Bray 1964).
    package mutating func normal() -> Double {
        if let spare {
            self.spare = nil
            return spare
        }
        while true {
            let x = 2 * uniform() - 1
            let y = 2 * uniform() - 1
            let square = x * x + y * y
            guard square > 0, square < 1 else { continue }
            let factor = (-2 * log(square) / square).squareRoot()
            spare = y * factor
            return x * factor
        }
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

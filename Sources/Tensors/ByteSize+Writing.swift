extension ByteSize: CustomStringConvertible {
    /// The size in powers of 1000, such as `8.99 GB`, to two decimals, a half rounded away from zero.
    public var decimal: String {
        written(step: 1_000, units: ["B", "kB", "MB", "GB", "TB"])
    }

    /// The size in powers of 1024, such as `8.38 GiB`, to two decimals, a half rounded away from zero.
    public var binary: String {
        written(step: 1_024, units: ["B", "KiB", "MiB", "GiB", "TiB"])
    }

    /// The size in both ways, such as `8.99 GB (8.38 GiB)`.
    public var both: String {
        "\(decimal) (\(binary))"
    }

    /// The number of bytes with a comma between each three digits, such as `8,994,967,808`.
    public var grouped: String {
        var text = ""
        let digits = String(bytes.magnitude)
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return sign + text
    }

    /// The size in both ways, as ``both``.
    public var description: String { both }

    private var sign: String { bytes < 0 ? "-" : "" }

    private func written(step: UInt128, units: [String]) -> String {
        let magnitude = UInt128(bytes.magnitude)
        var divisor: UInt128 = 1
        var hundredths = magnitude * 100
        var unit = units.first ?? ""
        // The rounded value decides, so that 999,995 bytes are 1.00 MB, not 1000.00 kB.
        for larger in units.dropFirst() where hundredths >= step * 100 {
            divisor *= step
            hundredths = (magnitude * 100 + divisor / 2) / divisor
            unit = larger
        }
        guard divisor > 1 else { return "\(bytes) \(unit)" }
        let fraction = hundredths % 100
        return "\(sign)\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) \(unit)"
    }
}

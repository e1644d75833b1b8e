/// The layers of a problem and their options, collected one after the other into flat columns.
package struct ProblemColumns {
    /// The most formats, whose indices are kept in 16 bits.
    static let formatLimit = 1 << 16

    private(set) var layerNames: [String] = []
    private(set) var formatNames: [String] = []
    private(set) var firstOption = [0]
    private(set) var optionFormat: [UInt16] = []
    private(set) var optionBytes: [Int] = []
    private(set) var optionImpact: [Double] = []
    private var formatIndices: [String: Int] = [:]
    /// The format that followed an option of this format in the layer before: most layers have the same formats in the same
    /// order, which saves looking each up.
    private var followers: [Int?] = []
    /// The format of the option that was appended last, or nil at a layer's beginning.
    private var last: Int?
    /// The format of the first option of the layer before.
    private var first: Int?

    /// Begins with no layer.
    ///
    /// - Parameters:
    ///   - layers: How many layers are expected.
    ///   - options: How many options each is expected to have at most.
    package init(layers: Int, options: Int) {
        layerNames.reserveCapacity(layers)
        firstOption.reserveCapacity(layers + 1)
        optionFormat.reserveCapacity(layers * options)
        optionBytes.reserveCapacity(layers * options)
        optionImpact.reserveCapacity(layers * options)
    }

    /// Adds an option to the layer that ``endLayer(_:)`` ends.
    ///
    /// - Parameters:
    ///   - format: The format's name.
    ///   - bytes: The layer's size in that format, in bytes.
    ///   - impact: The cost of casting the layer to that format.
    package mutating func append(_ format: String, bytes: Int, impact: Double) {
        let index = index(of: format)
        // More formats than that are refused when a problem is made of the columns.
        optionFormat.append(UInt16(truncatingIfNeeded: index))
        optionBytes.append(bytes)
        optionImpact.append(impact)
    }

    /// Ends a layer, which has the options that were appended since the one before.
    package mutating func endLayer(_ name: String) {
        layerNames.append(name)
        firstOption.append(optionBytes.count)
        last = nil
    }

    /// The index of a format, which is made known if it is not.
    private mutating func index(of format: String) -> Int {
        let expected = last.map { followers[$0] } ?? first
        let index: Int
        if let expected, formatNames[expected] == format {
            index = expected
        } else if let known = formatIndices[format] {
            index = known
        } else {
            index = formatNames.count
            formatIndices[format] = index
            formatNames.append(format)
            followers.append(nil)
        }
        if let last { followers[last] = index } else { first = index }
        last = index
        return index
    }
}

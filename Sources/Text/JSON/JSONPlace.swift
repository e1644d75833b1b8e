/// A value of a document together with the way to it, for errors that say where something is.
package struct JSONPlace: Sendable {
    /// The value.
    package let node: JSONNode
    /// The way to it.
    package let path: JSONPath

    /// Takes a document as a whole, or a value of which the way is known.
    package init(_ node: JSONNode, at path: JSONPath = .whole) {
        self.node = node
        self.path = path
    }

    /// Whether the value is null.
    package var isNull: Bool { node.value == .null }

    /// The error that the value is not what it must be.
    ///
    /// - Parameter expected: What it must be, such as `a number from 0 up`.
    /// - Returns: The error.
    package func unexpected(_ expected: String) -> JSONError {
        // What is shown of a value says more than its kind, where it is short.
        let found =
            switch node.value {
            case .string(let text) where text.utf8.count <= 60: text.quoted
            case .number(let text) where text.utf8.count <= 40: text
            default: node.kind
            }
        return error("is \(found); give \(expected)")
    }

    /// An error about the value.
    ///
    /// - Parameter problem: What is wrong with it, such as `is there twice`.
    /// - Returns: The error.
    package func error(_ problem: String) -> JSONError {
        JSONError(line: node.line, problem: "\(path) \(problem)")
    }

    /// The value as a string.
    package func string() throws(JSONError) -> String {
        guard case .string(let text) = node.value else { throw unexpected("a string") }
        return text
    }

    /// The value as true or false.
    package func boolean() throws(JSONError) -> Bool {
        guard case .boolean(let boolean) = node.value else { throw unexpected("true or false") }
        return boolean
    }

    /// The value as a whole number in a range, also where it is written with a fraction of zero or an exponent.
    package func integer(_ range: ClosedRange<Int> = .min ... .max) throws(JSONError) -> Int {
        guard case .number(let text) = node.value, let number = Self.integer(text), range.contains(number)
        else { throw unexpected(Self.words(for: range)) }
        return number
    }

    /// The value as a finite number.
    ///
    /// - Parameter least: The least that it may be.
    /// - Returns: The number.
    /// - Throws: ``JSONError``.
    package func number(from least: Double = -.infinity) throws(JSONError) -> Double {
        guard case .number(let text) = node.value, let number = Double(text), number.isFinite,
            number >= least
        else {
            throw unexpected(least == 0 ? "a finite number from 0 up" : "a finite number")
        }
        return number
    }

    /// The elements of an array.
    package func elements() throws(JSONError) -> [JSONPlace] {
        guard case .array(let elements) = node.value else { throw unexpected("an array") }
        return elements.enumerated().map { JSONPlace($0.element, at: .element(of: path, $0.offset)) }
    }

    /// The strings of an array.
    package func strings() throws(JSONError) -> [String] {
        var strings: [String] = []
        for element in try elements() { strings.append(try element.string()) }
        return strings
    }

    /// The value as an object in which no key stands twice.
    package func object() throws(JSONError) -> JSONObject {
        try JSONObject(self)
    }

    private static func integer(_ text: String) -> Int? {
        if let integer = Int(text) { return integer }
        // Above 2^53 a number with a fraction or an exponent may stand for several integers.
        guard let number = Double(text), number.magnitude <= 0x1p53 else { return nil }
        return Int(exactly: number)
    }

    private static func words(for range: ClosedRange<Int>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (.min, .max): "a whole number"
        case (let least, .max): "a whole number from \(least) up"
        case (let least, let most): "a whole number from \(least) to \(most)"
        }
    }
}

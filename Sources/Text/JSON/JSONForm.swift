/// How a value stands in JSON: one description for reading it, for writing it, and for the schema.
///
/// ```swift
/// static let form = JSONForm.object(
///     JSONField("name", .name) { $0.name },
///     JSONField("bytes", .count) { $0.bytes }
/// ) { File(name: $0, bytes: $1) }
/// ```
package struct JSONForm<Value: Sendable>: Sendable {
    /// What is read and written, as a schema describes it.
    package let shape: JSONShape
    /// Reads a value.
    package let read: @Sendable (JSONPlace) throws(JSONError) -> Value
    /// Writes a value.
    package let write: @Sendable (Value) -> JSONValue

    package init(
        _ shape: JSONShape,
        read: @escaping @Sendable (JSONPlace) throws(JSONError) -> Value,
        write: @escaping @Sendable (Value) -> JSONValue
    ) {
        self.shape = shape
        self.read = read
        self.write = write
    }

    /// An object with some members, from which the value is made; members that are not known are passed over.
    ///
    /// - Parameters:
    ///   - fields: The members, in the order in which they are written.
    ///   - make: The value from what stands in the members.
    /// - Returns: The form.
    package static func object<each Part: Sendable>(
        _ fields: repeat JSONField<Value, each Part>,
        make: @escaping @Sendable (repeat each Part) throws(JSONError) -> Value
    ) -> JSONForm {
        let fields = (repeat each fields)
        var members: [JSONShape.Member] = []
        // A chain of functions, as the pack would be gone through with its types for every value that is written.
        var chain: @Sendable (Value, inout [JSONValue.Member]) -> Void = { _, _ in }
        for field in repeat each fields {
            members.append(field.member)
            chain = field.writing(after: chain)
        }
        let (write, count) = (chain, members.count)
        return JSONForm(
            .object(members),
            read: { (place) throws(JSONError) in
                let object = try place.object()
                return try make(repeat try (each fields).read(object))
            },
            write: { value in
                var members: [JSONValue.Member] = []
                members.reserveCapacity(count)
                write(value, &members)
                return .object(members)
            }
        )
    }

    /// An array of values.
    ///
    /// - Parameters:
    ///   - form: The form of each.
    ///   - least: How many there have to be at least.
    /// - Returns: The form.
    package static func array<Element>(
        of form: JSONForm<Element>,
        least: Int = 0
    ) -> JSONForm where Value == [Element] {
        JSONForm(
            .array(form.shape, least: least),
            read: { (place) throws(JSONError) in
                var values: [Element] = []
                for element in try place.elements() { values.append(try form.read(element)) }
                guard values.count >= least else {
                    throw place.error("has \(values.count) elements; give at least \(least)")
                }
                return values
            },
            write: { .array($0.map(form.write)) }
        )
    }

    /// A value, or null where there is none.
    package static func nullable<Wrapped>(
        _ form: JSONForm<Wrapped>
    ) -> JSONForm where Value == Wrapped? {
        JSONForm(
            .nullable(form.shape),
            read: { (place) throws(JSONError) in place.isNull ? nil : try form.read(place) },
            write: { $0.map(form.write) ?? .null }
        )
    }
}

extension JSONForm<String> {
    /// Any string.
    package static let text = JSONForm(
        .string(least: 0),
        read: { (place) throws(JSONError) in try place.string() },
        write: { .string($0) }
    )

    /// A string that is not empty.
    package static let name = JSONForm(
        .string(least: 1),
        read: { (place) throws(JSONError) in
            let text = try place.string()
            guard !text.isEmpty else { throw place.error("is empty; give a name") }
            return text
        },
        write: { .string($0) }
    )
}

extension JSONForm<Int> {
    /// A whole number from 0 up.
    package static let count = JSONForm(
        .count,
        read: { (place) throws(JSONError) in try place.integer(0 ... .max) },
        write: { .integer($0) }
    )
}

extension JSONForm<Bool> {
    /// True or false.
    package static let boolean = JSONForm(
        .boolean,
        read: { (place) throws(JSONError) in try place.boolean() },
        write: { .boolean($0) }
    )
}

extension JSONForm<Double> {
    /// A finite number from 0 up.
    package static let figure = JSONForm(
        .figure,
        read: { (place) throws(JSONError) in try place.number(from: 0) },
        write: { .number($0) }
    )
}

extension JSONForm where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    /// One of the cases, by its raw value.
    package static var word: JSONForm {
        let words = Value.allCases.map(\.rawValue)
        return JSONForm(
            .words(words),
            read: { (place) throws(JSONError) in
                let text = try place.string()
                guard let value = Value(rawValue: text) else {
                    throw place.unexpected("one of \(words.joined(separator: ", "))")
                }
                return value
            },
            write: { .string($0.rawValue) }
        )
    }
}

/// A member of an object: its key, what stands there, and what its absence means.
package struct JSONField<Owner: Sendable, Value: Sendable>: Sendable {
    /// The member, as a schema describes it.
    let member: JSONShape.Member
    private let form: JSONForm<Value>
    private let absent: (@Sendable () -> Value)?
    private let isWritten: @Sendable (Value) -> Bool
    private let value: @Sendable (Owner) -> Value

    /// A member that has to be there.
    package init(
        _ name: String,
        _ form: JSONForm<Value>,
        of value: @escaping @Sendable (Owner) -> Value
    ) {
        member = JSONShape.Member(name: name, shape: form.shape, isRequired: true)
        self.form = form
        self.value = value
        absent = nil
        isWritten = { _ in true }
    }

    /// A member that is always written, and that older documents may lack; `absent` is what its absence means.
    package init(
        _ name: String,
        _ form: JSONForm<Value>,
        whereAbsent absent: Value,
        of value: @escaping @Sendable (Owner) -> Value
    ) {
        member = JSONShape.Member(name: name, shape: form.shape, isRequired: false)
        self.form = form
        self.value = value
        self.absent = { absent }
        isWritten = { _ in true }
    }

    /// A member that is written only where there is a value.
    package init<Wrapped>(
        optional name: String,
        _ form: JSONForm<Wrapped>,
        of value: @escaping @Sendable (Owner) -> Value
    ) where Value == Wrapped? {
        member = JSONShape.Member(name: name, shape: form.shape, isRequired: false)
        self.form = .nullable(form)
        self.value = value
        absent = { nil }
        isWritten = { $0 != nil }
    }

    func read(_ object: JSONObject) throws(JSONError) -> Value {
        if let place = object[member.name] { return try form.read(place) }
        if let absent { return absent() }
        // Says that it is not there.
        return try form.read(object.value(member.name))
    }

    func write(_ owner: Owner) -> JSONValue? {
        let value = value(owner)
        // Beside a value, a nil literal would be the JSON null.
        guard isWritten(value) else { return Optional.none }
        return form.write(value)
    }
}

/// A member of an object: its key, what stands there, and what its absence means.
package struct JSONField<Owner: Sendable, Value: Sendable>: Sendable {
    /// The member, as a schema describes it.
    let member: JSONShape.Member
    /// Writes what stands in the member of an owner, nil where it is not written.
    private let write: @Sendable (Owner) -> JSONValue?
    private let form: JSONForm<Value>
    private let absent: (@Sendable () -> Value)?

    /// A member that has to be there.
    package init(
        _ name: String,
        _ form: JSONForm<Value>,
        of value: @escaping @Sendable (Owner) -> Value
    ) {
        member = JSONShape.Member(name: name, shape: form.shape, isRequired: true)
        self.form = form
        absent = nil
        write = { form.write(value($0)) }
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
        self.absent = { absent }
        write = { form.write(value($0)) }
    }

    /// A member that is written only where there is a value.
    package init<Wrapped>(
        optional name: String,
        _ form: JSONForm<Wrapped>,
        of value: @escaping @Sendable (Owner) -> Value
    ) where Value == Wrapped? {
        member = JSONShape.Member(name: name, shape: form.shape, isRequired: false)
        self.form = .nullable(form)
        absent = { nil }
        write = { value($0).map(form.write) }
    }

    /// What writes the member of an owner behind those that come before it.
    func writing(
        after before: @escaping @Sendable (Owner, inout [JSONValue.Member]) -> Void
    ) -> @Sendable (Owner, inout [JSONValue.Member]) -> Void {
        let (name, write) = (member.name, write)
        return { owner, members in
            before(owner, &members)
            if let value = write(owner) { members.append(JSONValue.Member(key: name, value: value)) }
        }
    }

    func read(_ object: JSONObject) throws(JSONError) -> Value {
        if let place = object[member.name] { return try form.read(place) }
        if let absent { return absent() }
        // Says that it is not there.
        return try form.read(object.value(member.name))
    }
}

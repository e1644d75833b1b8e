import Text

/// An object of a document in JSON, with the errors of tables: a `JSONObject` and the name of its file.
struct TableObject {
    /// The object.
    let object: JSONObject
    /// What messages call the document.
    let file: String

    /// Takes a value as an object, in which each key stands once.
    ///
    /// - Parameters:
    ///   - place: The value.
    ///   - file: What messages call the document.
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)``.
    init(_ place: JSONPlace, file: String) throws(SensitivityError) {
        object = try SensitivityError.ofTable(file) { () throws(JSONError) in try place.object() }
        self.file = file
    }

    /// The line on which the object begins.
    var line: Int { object.place.node.line }

    /// The value of a key, or nil.
    subscript(key: String) -> JSONPlace? { object[key] }

    /// The value of a key that must be there.
    ///
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)``, as all that reads here.
    func value(_ key: String) throws(SensitivityError) -> JSONPlace {
        try SensitivityError.ofTable(file) { () throws(JSONError) in try object.value(key) }
    }

    /// What a key that must be there stands for.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - read: What reads its value.
    /// - Returns: What was read.
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)``.
    func read<Value>(
        _ key: String,
        _ read: (JSONPlace) throws(JSONError) -> Value
    ) throws(SensitivityError) -> Value {
        try SensitivityError.ofTable(file) { () throws(JSONError) in try read(try object.value(key)) }
    }

    /// What a key stands for, or nil where it is not there or null.
    func readIfThere<Value>(
        _ key: String,
        _ read: (JSONPlace) throws(JSONError) -> Value
    ) throws(SensitivityError) -> Value? {
        guard let place = object.optional(key) else { return nil }
        return try SensitivityError.ofTable(file) { () throws(JSONError) in try read(place) }
    }

    /// What a key that must be there stands for, or nil where that is null.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - read: What reads its value.
    /// - Returns: What was read.
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)``.
    func readUnlessNull<Value>(
        _ key: String,
        _ read: (JSONPlace) throws(JSONError) -> Value
    ) throws(SensitivityError) -> Value? {
        try self.read(key) { place throws(JSONError) in place.isNull ? nil : try read(place) }
    }

    /// The error that a value is not what it must be.
    func unexpected(_ place: JSONPlace, _ expected: String) -> SensitivityError {
        SensitivityError(place.unexpected(expected), ofTable: file)
    }

    // MARK: Kinds of values

    /// A string.
    func string(_ key: String) throws(SensitivityError) -> String {
        try read(key) { place throws(JSONError) in try place.string() }
    }

    /// A string, or nil where there is null.
    func nullableString(_ key: String) throws(SensitivityError) -> String? {
        try readUnlessNull(key) { place throws(JSONError) in try place.string() }
    }

    /// A string, or nil where there is none.
    func optionalString(_ key: String) throws(SensitivityError) -> String? {
        try readIfThere(key) { place throws(JSONError) in try place.string() }
    }

    /// A whole number from 0 up.
    func integer(_ key: String) throws(SensitivityError) -> Int {
        try read(key) { place throws(JSONError) in try place.integer(0...Int.max) }
    }

    /// A whole number from 0 up, or nil where there is null.
    func nullableInteger(_ key: String) throws(SensitivityError) -> Int? {
        try readUnlessNull(key) { place throws(JSONError) in try place.integer(0...Int.max) }
    }

    /// A finite number of any sign.
    func signedNumber(_ key: String) throws(SensitivityError) -> Double {
        try read(key) { place throws(JSONError) in try place.number() }
    }

    /// A finite number from 0 up.
    func number(_ key: String) throws(SensitivityError) -> Double {
        try read(key) { place throws(JSONError) in try place.number(from: 0) }
    }

    /// The elements of an array.
    func elements(_ key: String) throws(SensitivityError) -> [JSONPlace] {
        try read(key) { place throws(JSONError) in try place.elements() }
    }

    /// Objects.
    func objects(_ key: String) throws(SensitivityError) -> [TableObject] {
        var objects: [TableObject] = []
        for element in try elements(key) { objects.append(try TableObject(element, file: file)) }
        return objects
    }

    /// Strings.
    func strings(_ key: String) throws(SensitivityError) -> [String] {
        try read(key) { place throws(JSONError) in try place.strings() }
    }

    /// Finite numbers from 0 up.
    func numbers(_ key: String) throws(SensitivityError) -> [Double] {
        try read(key) { place throws(JSONError) in
            var numbers: [Double] = []
            for element in try place.elements() { numbers.append(try element.number(from: 0)) }
            return numbers
        }
    }

    /// Whole numbers of any sign.
    func signedIntegers(_ key: String) throws(SensitivityError) -> [Int] {
        try read(key) { place throws(JSONError) in
            var numbers: [Int] = []
            for element in try place.elements() { numbers.append(try element.integer()) }
            return numbers
        }
    }
}

extension SensitivityError {
    /// The error of a table's document in JSON.
    init(_ error: JSONError, ofTable file: String) {
        self = .badTable(file: file, line: error.line, problem: .json(error.problem))
    }

    /// Reads a part of a table's document, with its error made that of the table.
    static func ofTable<Value>(
        _ file: String,
        _ read: () throws(JSONError) -> Value
    ) throws(SensitivityError) -> Value {
        do throws(JSONError) {
            return try read()
        } catch {
            throw SensitivityError(error, ofTable: file)
        }
    }
}

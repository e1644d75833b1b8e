import Text

/// Goes through the JSON of a safetensors header or index, its defects being those of a model file.
struct HeaderCursor {
    private let source: ByteSource
    private var cursor: JSONCursor

    /// Goes through what a reader reads.
    init(_ reader: ByteReader) {
        source = reader.source
        cursor = JSONCursor(reader)
    }

    /// Goes through a file that is JSON as a whole.
    init(wholeOf source: ByteSource) throws(CheckpointError) {
        self.source = source
        do throws(JSONDefect) {
            cursor = try JSONCursor(wholeOf: source)
        } catch {
            throw CheckpointError(error, in: source)
        }
    }

    /// The place in the file of the next byte.
    var offset: Int { cursor.offset }

    /// The error for a defect that was found at a place in the file.
    func defect(_ defect: FileDefect, at offset: Int) -> CheckpointError {
        source.defect(defect, at: offset)
    }

    /// Reads an object, of what is said, whose members' values the caller reads; `member` gets each name and where
    /// it stands.
    mutating func object(
        _ what: @autoclosure () -> String,
        member: (inout HeaderCursor, String, Int) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        try reading { cursor throws(JSONDefect) in try cursor.enterObject(what()) }
        let limit = ReadingLimits.nameBytes
        while let (name, offset, _) = try reading({ cursor throws(JSONDefect) in
            try cursor.nextMember(nameLimit: limit)
        }) {
            try member(&self, name, offset)
        }
    }

    /// Reads an array, of what is said, whose elements the caller reads; `element` gets each index.
    mutating func array(
        _ what: @autoclosure () -> String,
        element: (inout HeaderCursor, Int) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        try reading { cursor throws(JSONDefect) in try cursor.enterArray(what()) }
        var index = 0
        while try reading({ cursor throws(JSONDefect) in try cursor.nextElement() }) {
            try element(&self, index)
            index += 1
        }
    }

    /// Reads a whole number, of what is said.
    mutating func wholeNumber(_ what: @autoclosure () -> String) throws(CheckpointError) -> UInt64 {
        try reading { cursor throws(JSONDefect) in try cursor.wholeNumber(what()) }
    }

    /// Reads a string, of what is said, that has at most ``ReadingLimits/nameBytes``.
    mutating func name(_ what: @autoclosure () -> String) throws(CheckpointError) -> String {
        try reading { cursor throws(JSONDefect) in try cursor.name(what(), limit: ReadingLimits.nameBytes) }
    }

    /// Reads a string, of what is said, that is kept up to so many bytes in UTF-8, and the number of its bytes.
    mutating func string(
        _ what: @autoclosure () -> String,
        limit: Int
    ) throws(CheckpointError) -> (text: String?, byteCount: Int) {
        try reading { cursor throws(JSONDefect) in try cursor.string(what(), limit: limit) }
    }

    /// Passes over a value of any kind.
    mutating func skipValue() throws(CheckpointError) {
        try reading { cursor throws(JSONDefect) in try cursor.skipValue() }
    }

    /// Checks that nothing but spaces follows.
    mutating func finish() throws(CheckpointError) {
        try reading { cursor throws(JSONDefect) in try cursor.finish() }
    }

    private mutating func reading<Result>(
        _ body: (inout JSONCursor) throws(JSONDefect) -> Result
    ) throws(CheckpointError) -> Result {
        do throws(JSONDefect) {
            return try body(&cursor)
        } catch {
            throw CheckpointError(error, in: source)
        }
    }
}

extension CheckpointError {
    fileprivate init(_ defect: JSONDefect, in source: ByteSource) {
        switch defect {
        case .file(let error): self = .file(error)
        case .text(.textTooLong(let what, let byteCount, let limit), let offset):
            self = source.defect(
                .nameTooLong(of: what, byteCount: UInt64(byteCount), limit: limit),
                at: offset
            )
        case .text(.notUTF8(let what), let offset): self = source.defect(.notUTF8(of: what), at: offset)
        case .text(let problem, let offset): self = source.defect(.json(problem), at: offset)
        }
    }
}

import Synchronization

/// Reading a whole input: a file, a pipe, or standard input where the path is `-`.
///
/// What comes from a pipe or from standard input comes once, so it is kept for whoever asks for the same path again.
package enum InputFile {
    private static let streams = Mutex<[String: Result<[UInt8], FileError>]>([:])

    /// The bytes that came from an input which does not come again, or why they could not be read; nil where none came.
    static func kept(_ path: String) throws(FileError) -> [UInt8]? {
        try streams.withLock { $0[path] }?.get()
    }

    /// The bytes of an input.
    ///
    /// - Parameters:
    ///   - path: The path; `-` is standard input.
    ///   - limit: The most bytes that it may have.
    /// - Returns: Its bytes.
    /// - Throws: ``FileError``.
    package static func bytes(at path: String, limit: Int) throws(FileError) -> [UInt8] {
        try bytes(of: open(path), at: path, limit: limit)
    }

    /// The bytes of a file on a disk that goes with another one; a pipe of its name is refused, not waited for.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - limit: The most bytes that it may have.
    ///   - followsLinks: Whether a link of that name is followed; otherwise it is refused.
    /// - Returns: Its bytes.
    /// - Throws: ``FileError``.
    package static func bytes(
        ofRegularFile path: String,
        limit: Int,
        followsLinks: Bool = true
    ) throws(FileError) -> [UInt8] {
        let file = try OpenFile(path: path, waits: false, followsLinks: followsLinks)
        if case .stream = file.kind { throw FileError(path: path, .notRegular) }
        let bytes = try file.bytes(limit: limit)
        try FileError.refusePointer(bytes, at: path)
        return bytes
    }

    /// The bytes of an input that was opened, or those that came from it before.
    static func bytes(of file: OpenFile?, at path: String, limit: Int) throws(FileError) -> [UInt8] {
        if let known = try kept(path) {
            guard known.count <= limit else { throw FileError(path: path, .tooLarge(limit: limit)) }
            return known
        }
        guard let file else { throw FileError(path: path, .missing) }
        let read = Result { () throws(FileError) -> [UInt8] in
            let bytes = try file.bytes(limit: limit)
            try FileError.refusePointer(bytes, at: path)
            return bytes
        }
        // Of what was given up, another reader would get the rest.
        if file.isReadOnce { streams.withLock { $0[path] = read } }
        return try read.get()
    }

    /// The text of an input in UTF-8, without the byte order mark that some editors put in front.
    ///
    /// - Parameters:
    ///   - path: The path; `-` is standard input.
    ///   - limit: The most bytes that it may have.
    /// - Returns: Its text.
    /// - Throws: ``FileError``.
    package static func text(at path: String, limit: Int) throws(FileError) -> String {
        try text(of: bytes(at: path, limit: limit), path: path)
    }

    /// The text that some bytes are in UTF-8, without a byte order mark in front.
    ///
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - path: What messages call them.
    /// - Returns: The text.
    /// - Throws: ``FileError`` with ``FileError/Problem/notUTF8``.
    package static func text(of bytes: [UInt8], path: String) throws(FileError) -> String {
        guard let text = String(validating: bytes.withoutMark, as: UTF8.self) else {
            throw FileError(path: path, .notUTF8)
        }
        return text
    }

    /// Opens an input; nil for one that came before and does not come again.
    static func open(_ path: String) throws(FileError) -> OpenFile? {
        guard streams.withLock({ $0[path] }) == nil else { return nil }
        return try OpenFile(path: path, waits: true)
    }

    /// What tables call an input.
    package static func name(of path: String) -> String {
        path == "-" ? "standard input" : path
    }

    /// What sentences call an input: by its path in quotation marks.
    package static func quoted(_ path: String) -> String {
        path == "-" ? name(of: path) : path.quoted
    }

    /// Whether a path names a file, rather than standard input or what the shell opened for the program, as `<(…)` does.
    ///
    /// A path that does not leads to nothing once the program has ended, and says nothing of what it leads to.
    package static func hasName(_ path: String) -> Bool {
        path != "-" && path != "/dev/stdin" && WholeFile.openFile(named: path) == nil
    }

    /// Whether a path that something written before names may be opened without waiting.
    ///
    /// What came through standard input or a pipe does not come again, and a named pipe would be waited for. That there is nothing is said
    /// by whoever reads it.
    package static func isLasting(_ path: String) -> Bool {
        hasName(path) && (!exists(path) || Folder.exists(path) || byteCount(of: path) != nil)
    }

    /// The name by which what is made of an input is called, which is the file's.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - other: What an input is called that ``hasName(_:)`` finds no name of.
    /// - Returns: The name, without folders.
    package static func ownName(of path: String, or other: String) -> String {
        hasName(path) ? FilePath(path).name : other
    }
}

extension Collection<UInt8> {
    /// The bytes without the byte order mark in UTF-8, if they begin with it.
    package var withoutMark: SubSequence {
        starts(with: [0xEF, 0xBB, 0xBF]) ? dropFirst(3) : self[...]
    }
}

extension String {
    /// The text without the byte order mark, if it begins with it.
    package var withoutMark: String {
        let rest = utf8.withoutMark
        return rest.startIndex == utf8.startIndex ? self : String(Substring(rest))
    }
}

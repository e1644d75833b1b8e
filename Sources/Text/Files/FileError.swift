/// Why a file cannot be read or written.
public struct FileError: Error, Hashable, Sendable {
    /// What is wrong with it.
    public enum Problem: Hashable, Sendable {
        /// There is no file at the path.
        case missing
        /// The path leads to a folder.
        case folder
        /// The path leads to a pipe or a device, which cannot be read from any place but its beginning.
        case notRegular
        /// The system cannot open or read it, for a reason that it gives.
        case unreadable(reason: String)
        /// It became shorter while it was read.
        case shortened
        /// It has more bytes than it may have.
        case tooLarge(limit: Int)
        /// It comes through a pipe and has more bytes than are kept of one.
        case streamTooLarge(limit: Int)
        /// It only says where another file is that Git LFS has not fetched.
        case notFetched
        /// It is no text in UTF-8.
        case notUTF8
        /// The system cannot write it, for a reason that it gives.
        case unwritable(reason: String)
    }

    /// The file's path; `-` is standard input or standard output.
    public let path: String
    /// What is wrong with it.
    public let problem: Problem

    /// Creates an error.
    public init(path: String, _ problem: Problem) {
        self.path = path
        self.problem = problem
    }

    /// Whether the path is wrong, rather than what is in the file.
    public var isMissingInput: Bool {
        switch problem {
        case .missing, .folder, .notRegular, .unreadable: true
        case .shortened, .tooLarge, .streamTooLarge, .notFetched, .notUTF8, .unwritable: false
        }
    }
}

extension FileError {
    /// What is wrong, without the file's name and the remedy, for sentences that say these themselves.
    package var reason: String {
        switch problem {
        case .missing: "there is no such file"
        case .folder: "it is a folder"
        case .notRegular: "it is a pipe or a device"
        case .unreadable(let reason), .unwritable(let reason): reason
        case .shortened: "it became shorter while it was read"
        case .tooLarge(let limit): "it has more than \(limit) bytes"
        case .streamTooLarge(let limit): "it is a pipe with more than \(limit) bytes"
        case .notFetched: "it is a pointer of Git LFS, and the file itself is not fetched yet"
        case .notUTF8: "it is no text in UTF-8"
        }
    }

    /// What a pointer of Git LFS begins with (git-lfs/git-lfs, `docs/spec.md`).
    static let pointerBeginning = Array("version https://git-lfs.github.com/spec/".utf8)

    /// Refuses a file that is a pointer of Git LFS, by what it begins with.
    ///
    /// - Throws: ``FileError`` with ``FileError/Problem/notFetched``.
    static func refusePointer(_ beginning: [UInt8], at path: String) throws(FileError) {
        guard !beginning.starts(with: pointerBeginning) else { throw FileError(path: path, .notFetched) }
    }
}

extension FileError: CustomStringConvertible {
    /// What is wrong and the remedy, in one clause.
    public var description: String {
        switch problem {
        case .missing: "there is no file \(name); check its path"
        case .folder: "\(name) is a folder; name a file"
        case .notRegular:
            "\(name) is a pipe or a device, and parts of it are read from several places; give a file on a disk"
        case .unreadable(let reason): "\(name) cannot be read (\(reason)); check that you may read it"
        case .shortened: "\(name) became shorter while it was read; wait until it is finished"
        case .tooLarge(let limit): "\(name) has more than \(limit) bytes; check that it is the right file"
        case .streamTooLarge(let limit):
            "\(name) is a pipe with more than \(limit) bytes, of which no more is kept; give the file itself, if it is the right one"
        case .notFetched:
            "\(name) is a pointer of Git LFS, and the file itself is not fetched yet; run git lfs pull"
        case .notUTF8: "\(name) is no text in UTF-8; save it as UTF-8"
        case .unwritable(let reason):
            path == "-"
                ? "standard output cannot be written (\(reason))"
                : "\(path.quoted) cannot be written (\(reason)); name another file"
        }
    }

    private var name: String { InputFile.quoted(path) }
}

extension FileError: CategorizedError {
    /// The same for a file that cannot be read or written, whatever named it.
    public var category: ErrorCategory {
        if case .unwritable = problem { return .cannotWrite }
        return isMissingInput ? .missingInput : .badData
    }
}

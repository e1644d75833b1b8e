import Foundation
import Converters
import Recipes
import Text

/// The files that a command writes, none of which may be one that it reads, or hold what it would not have written.
///
/// A command claims them before its work begins, so that nobody waits for a result that then has no place.
struct OutputFiles {
    private let read: Set<FileIdentity>
    private let force: Bool
    private var claimed: Set<FileIdentity> = []

    /// Begins with what is read.
    ///
    /// - Parameters:
    ///   - inputs: Every file that the command reads; those that are not there, or are names of built-in things, do no harm.
    ///   - force: Whether a file may be written over that holds something else.
    init(besides inputs: [String?], force: Bool) {
        read = Set(
            inputs.compactMap { $0.flatMap(FileIdentity.init(of:)) }
                .filter { $0.isThere && !$0.isCharacterDevice }
        )
        self.force = force
    }

    /// Takes a file for the command.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - kind: What is going to be in it.
    /// - Returns: The file, to be written when there is something to write.
    /// - Throws: ``Failure`` for usage where the command reads the file, or writes it already, or where something else stands in
    ///   it, and `FileError`.
    mutating func claim(_ path: String, for kind: WrittenKind) throws -> OutputFile {
        let file = OutputFile(path: path, kind: kind, read: read, force: force)
        try file.check()
        try file.checkEnding()
        guard let identity = FileIdentity(of: path), !identity.isCharacterDevice else { return file }
        guard claimed.insert(identity).inserted else {
            throw Failure(
                code: Failure.usage,
                message: "\(ShellText.path(path)) would be written twice; name another file"
            )
        }
        return file
    }

    /// Whether a path leads to a file that the command reads.
    func reads(_ path: String) -> Bool {
        FileIdentity(of: path).map(read.contains) ?? false
    }

    /// Takes a place for the command, standard output among them.
    ///
    /// - Returns: The file, or nil for standard output.
    /// - Throws: As ``claim(_:for:)-(String,_)``.
    mutating func claim(_ destination: Destination, for kind: WrittenKind) throws -> OutputFile? {
        try destination.path.map { try claim($0, for: kind) }
    }
}

/// A file that a command has taken to write to.
struct OutputFile {
    /// Where it is.
    let path: String
    fileprivate let kind: WrittenKind
    fileprivate let read: Set<FileIdentity>
    fileprivate let force: Bool

    /// Writes the whole file, unless something else has come to stand there since it was taken.
    ///
    /// - Parameters:
    ///   - text: The content.
    ///   - isAnswer: Whether the command has given what it was asked for once this file has its name.
    /// - Throws: ``Failure`` and `FileError`.
    func write(_ text: String, isAnswer: Bool) throws {
        try write(Array(text.utf8), isAnswer: isAnswer)
    }

    /// Writes the whole file, unless something else has come to stand there since it was taken.
    func write(_ bytes: [UInt8], isAnswer: Bool) throws {
        try check()
        try WholeFile.write(bytes, to: path) { isAnswer ? Interruption.answering($0) : $0() }
    }

    /// Writes the whole file where nothing has its name.
    ///
    /// - Returns: Whether it was written.
    /// - Throws: ``Failure`` and `FileError`.
    func writeNew(_ text: String, isAnswer: Bool) throws -> Bool {
        try WholeFile.writeNew(Array(text.utf8), to: path) {
            isAnswer ? Interruption.answering($0) : $0()
        }
    }

    /// Refuses a name that would have the file opened as what it is not.
    fileprivate func checkEnding() throws {
        guard !force, let own = kind.language, let said = FileEnding(of: path)?.language, said != own.name
        else {
            return
        }
        throw Failure(
            code: Failure.usage,
            message: """
                \(ShellText.path(path)) has the ending of \(said), and this is written as \(own.name); end the name with \(own.ending), \
                or add --force
                """
        )
    }

    /// Refuses what the command reads, what holds something else, and what cannot be written.
    fileprivate func check() throws {
        let identity = FileIdentity(of: path)
        if let identity, read.contains(identity) {
            throw Failure(
                code: Failure.usage,
                message: "\(ShellText.path(path)) is read by this command; name another file to write to"
            )
        }
        if identity?.isFolder == true {
            throw FileError(path: path, .unwritable(reason: "it is a folder"))
        }
        let isThere = identity?.isThere == true
        let place = isThere ? path : FilePath(path).folderPath
        guard place.withSystemPath({ access($0, W_OK) }) == 0 else {
            throw FileError(path: path, .unwritable(reason: SystemCall.reason))
        }
        let isReplaced = identity?.isRegularFile == true || identity?.isBlockDevice == true
        if isReplaced, WholeFile.openFile(named: path) == nil, !force, !kind.mayReplace(path) {
            throw Failure(
                code: Failure.usage,
                message: """
                    \(ShellText.path(path)) is there and is no \(kind.name); name another file, or add --force to write over it
                    """
            )
        }
    }
}

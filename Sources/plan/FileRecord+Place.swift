import Conversion
import Foundation
import Recipes
import Tensors
import Text

extension FileRecord {
    /// The record beside a file, where it is this program's; nil where there is none.
    private static func own(of file: String) -> FileRecord? {
        WrittenKind.fileRecord.mayReplace(path(of: file)) ? FileRecord(of: file) : nil
    }

    /// The SHA-256 that the record beside a file says it has, and the one that it has; nil where there is no record.
    ///
    /// - Parameter file: The file.
    /// - Returns: The digests, in hexadecimal digits.
    /// - Throws: ``Failure`` where the file cannot be read, and where it is interrupted.
    static func digests(of file: String) throws -> (recorded: String, found: String)? {
        try own(of: file).map { try $0.digests(of: file) }
    }

    private func digests(of file: String) throws -> (recorded: String, found: String) {
        let interruption = "interrupted before \(ShellText.path(file)) was read whole"
        return (sha256, try Self.sum(of: file, interruption: interruption).sha256)
    }

    /// What the tensors of a file were cast from, as the record beside it says; nil where there is none, or where another version of the
    /// program made the file, whose encoders may be others.
    ///
    /// - Parameter file: The file.
    /// - Returns: The fingerprints, by the tensors' names in the model.
    /// - Throws: ``Failure`` where the file is not the one that the record describes, and as ``digests(of:)``.
    static func checkedOrigins(of file: String) throws -> [String: String]? {
        guard let record = own(of: file) else { return nil }
        let digests = try record.digests(of: file)
        guard digests.recorded == digests.found else {
            throw Failure(
                code: Failure.badData,
                message: """
                    \(ShellText.path(file)) is not the file that \(ShellText.path(path(of: file))) describes: it was damaged, or \
                    changed since; write the model anew with -o
                    """
            )
        }
        return record.version == PlanCommand.version ? record.origins : nil
    }

    /// Takes the record of an earlier file away, before another stands in its place.
    static func removeStale(of file: String) {
        let path = path(of: file)
        guard InputFile.exists(path), WrittenKind.fileRecord.mayReplace(path) else { return }
        path.withSystemPath { _ = unlink($0) }
    }

    /// Reads the whole file and writes its record.
    ///
    /// - Parameters:
    ///   - file: The file that is described.
    ///   - recipe: The recipe that it was made by.
    ///   - origins: What its tensors were cast from.
    ///   - place: Where the record goes.
    ///   - isAnswer: Whether nothing else is to be written after it.
    /// - Throws: ``Failure`` and `RecipeError`.
    static func write(
        of file: String,
        recipe: Recipe,
        origins: [String: String],
        to place: OutputFile,
        isAnswer: Bool
    ) throws {
        let sum = try sum(
            of: file,
            interruption: """
                interrupted: \(ShellText.path(file)) is whole, but \(ShellText.path(path(of: file))) was not written; the same \
                command with --resume writes it
                """
        )
        let generator = Recipe.Generator(version: PlanCommand.version, arguments: [])
        let text = try text(of: file, sum, recipe: recipe, origins: origins, generator: generator)
        try place.write(text, isAnswer: isAnswer)
    }

    private static func sum(of file: String, interruption: String) throws -> FileSum {
        defer { StatusLine.clear() }
        let sum: FileSum?
        do throws(FileError) {
            sum = try FileSum(of: file) { byteCount in
                StatusLine.show("\(ByteSize(byteCount).decimal) summed up")
                return !Interruption.isRequested
            }
        } catch {
            throw Failure(code: Failure.noInput, message: "cannot read \(ShellText.path(file)) again")
        }
        guard let sum else { throw Failure(code: Failure.interrupted, message: interruption) }
        return sum
    }
}

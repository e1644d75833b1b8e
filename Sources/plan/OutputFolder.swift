import Conversion
import Converters
import Foundation
import Recipes
import Text

/// A folder that a command writes a model to, which may hold nothing that this program did not write.
struct OutputFolder {
    /// Takes a folder for the command.
    ///
    /// - Parameters:
    ///   - path: The folder, without a slash at its end.
    ///   - inputs: Every file that the command reads; those that are not there do no harm.
    ///   - outputs: What the command reads and writes.
    ///   - force: Whether a model that this program wrote there may be replaced.
    /// - Throws: ``Failure`` for usage where the folder holds what is read, or what this program did not write, or a model that is
    ///   not to be replaced, and `FileError`.
    static func claim(
        _ path: String,
        besides inputs: [String?],
        _ outputs: inout OutputFiles,
        force: Bool
    ) throws {
        let word = ShellText.path(path)
        let identity = FileIdentity(of: path)
        let isThere = identity?.isThere == true
        guard !isThere || identity?.isFolder == true else {
            throw FileError(path: path, .unwritable(reason: "it is not a folder"))
        }
        guard FilePath(path).folderPath.withSystemPath({ access($0, W_OK) }) == 0 else {
            throw FileError(path: path, .unwritable(reason: SystemCall.reason))
        }
        if isThere {
            let read = inputs.compactMap { $0 }.contains { input in
                FileIdentity(of: input) == identity
                    || FileIdentity(of: input)?.isThere == true
                        && FileIdentity(of: FilePath(input).folderPath) == identity
            }
            if read {
                throw Failure(
                    code: Failure.usage,
                    message: "\(word) holds files that this command reads; name another folder to write to"
                )
            }
            guard let names = try? Folder.names(in: path) else {
                throw FileError(path: path, .unwritable(reason: "it cannot be read"))
            }
            if !names.isEmpty, !ModelWriter.isWrittenFolder(path) {
                throw Failure(
                    code: Failure.usage,
                    message: "\(word) holds files that plan quantize did not write; name another folder"
                )
            }
            if !names.isEmpty, !force {
                throw Failure(
                    code: Failure.usage,
                    message: "\(word) holds a model; name another folder, or add --force to replace it"
                )
            }
        }
        let workFiles = ModelWriter.workFiles(for: path)
        for work in workFiles where FileIdentity(of: work)?.isThere == true {
            guard ModelWriter.isUnfinished(work) else {
                throw Failure(
                    code: Failure.usage,
                    message: """
                        \(ShellText.path(work)) is there and is no unfinished model of plan quantize; name another folder
                        """
                )
            }
        }
        if let journal = workFiles.last { _ = try outputs.claim(journal, for: .unfinishedModel) }
    }
}

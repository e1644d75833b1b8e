import Conversion
import Text

extension ModelFiles {
    /// Writes all files, and puts them in their places when all are whole and on the disk.
    ///
    /// - Parameters:
    ///   - resume: Whether to go on with what an earlier run left.
    ///   - replacing: Whether what stands in their places is replaced.
    ///   - isAnswer: Whether nothing else is to be written after them.
    /// - Returns: The files.
    /// - Throws: `ConversionError`, and ``Failure`` where it was interrupted.
    func write(resume: Bool, replacing: Bool, isAnswer: Bool) throws -> Whole {
        let first = ShellText.path(paths.first ?? "")
        if resume, resumable.isEmpty {
            Console.note("there is nothing of \(first) to go on with; it is begun")
        }
        if !resume, let path = resumable.first, !ModelWriter.isBeingWritten(path) {
            Console.note(
                """
                what an earlier run left of \(ShellText.path(path)) is begun anew; with --resume the same command goes on with it
                """
            )
        }
        let progress = TensorProgress(
            tensorCount: draft.parts.count,
            byteCount: draft.sourceByteCount,
            share: 1
        )
        defer { StatusLine.clear() }
        do throws(ConversionError) {
            let whole = try Interruption.watch { () throws(ConversionError) in
                try writeBeside(resuming: resume) { event in
                    switch event {
                    case .bytes(let count): progress.add(bytes: count)
                    case .tensor: progress.finishTensor()
                    }
                    return !Interruption.isRequested
                }
            }
            if let whole {
                try place(whole, replacing: replacing, isAnswer: isAnswer)
                return whole
            }
        } catch {
            StatusLine.clear()
            switch error {
            case .cannotWrite, .cameMeanwhile, .noRoom: break
            default: throw error
            }
            guard !resumable.isEmpty else { throw error }
            throw Failure(
                code: Failure.cannotWrite,
                message: "\(error); the finished part stays, and --resume goes on"
            )
        }
        let unfinished = ShellText.path(ModelWriter.workFiles(for: paths.first ?? "").first ?? "")
        throw Failure(
            code: Failure.interrupted,
            message: """
                interrupted: the finished part of \(first) stays in \(unfinished); the same command with --resume goes on
                """
        )
    }

    /// Puts whole files in their places, whoever interrupts it there.
    private func place(_ whole: Whole, replacing: Bool, isAnswer: Bool) throws(ConversionError) {
        try Interruption.watch { () throws(ConversionError) in
            try whole.synchronize()
            // What was said of an earlier file holds until it is gone.
            for path in paths { FileRecord.removeStale(of: path) }
            try Interruption.undisturbed { () throws(ConversionError) in
                try whole.place(replacing: replacing)
                if isAnswer { Interruption.answered() }
            }
        }
    }
}

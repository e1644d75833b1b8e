extension LlamaPerplexity {
    /// Writes the logits of the model as it is, which ``lossCommand(base:)`` compares with.
    ///
    /// - Parameters:
    ///   - scratch: The copy of the model, with the model's own weights.
    ///   - chunks: How much of the text, in chunks.
    ///   - shouldStop: Whether to end early.
    /// - Returns: The seconds that it took.
    /// - Throws: What ``LossCommand/run(on:outputPath:shouldStop:)`` throws.
    @discardableResult
    func writeBase(
        of scratch: ScratchModel,
        chunks: Int,
        shouldStop: () -> Bool
    ) throws(CalibrationError) -> Double {
        let start = ContinuousClock.now
        _ = try baseCommand(chunks: chunks, base: scratch.basePath).run(
            on: scratch.path,
            outputPath: scratch.outputPath,
            shouldStop: shouldStop
        )
        return start.duration(to: .now) / .seconds(1)
    }

    /// How much text a time is enough for, from two runs over little of it.
    ///
    /// - Parameters:
    ///   - deadline: When the time is up.
    ///   - losses: How many losses are to be measured by then.
    ///   - scratch: The copy of the model, with the model's own weights.
    ///   - shouldStop: Whether to end early.
    /// - Returns: The chunks, and for about how many of the losses the time is enough.
    /// - Throws: What ``LossCommand/run(on:outputPath:shouldStop:)`` throws.
    func chunks(
        until deadline: ContinuousClock.Instant,
        losses: Int,
        of scratch: ScratchModel,
        shouldStop: () -> Bool
    ) throws(CalibrationError) -> (count: Int, possible: Int) {
        let few = try writeBase(of: scratch, chunks: 1, shouldStop: shouldStop)
        let many = try writeBase(of: scratch, chunks: 4, shouldStop: shouldStop)
        let budget = TextBudget(few: (1, few), many: (4, many))
        // The logits and the model as it is take a run each.
        let seconds = max(0, ContinuousClock.now.duration(to: deadline) / .seconds(1))
        let count = budget.chunks(seconds: seconds, runs: losses + 2)
        return (count, max(0, budget.runs(seconds: seconds, chunks: count) - 2))
    }
}

import ArgumentParser

/// What a plan may take at most: bytes of the file, or combined impact.
struct LimitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The largest size of the whole file: 9GB, 8.5GiB, a count of bytes, 6.5bpw, or 40% of the source.",
            valueName: "size"
        )
    )
    var budget: String?

    @Option(
        help: ArgumentHelp(
            "In place of a budget: the smallest file with at most this combined impact.",
            valueName: "impact"
        )
    )
    var maxImpact: Double?

    /// The options, as they would be typed.
    var arguments: [String] {
        (budget.map { ["--budget", $0] } ?? []) + (maxImpact.map { ["--max-impact", $0.description] } ?? [])
    }
}

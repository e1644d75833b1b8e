import ArgumentParser

/// What a command may write over.
struct OverwriteOptions: ParsableArguments {
    @Flag(
        help:
            "Writes over a file that the command would leave alone otherwise; files that it reads are never written over."
    )
    var force = false
}

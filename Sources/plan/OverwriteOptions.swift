import ArgumentParser

/// What a command may write over.
struct OverwriteOptions: ParsableArguments {
    @Flag(
        help:
            "Writes over a file that holds something else than this program would put there; what is read is never written over."
    )
    var force = false
}

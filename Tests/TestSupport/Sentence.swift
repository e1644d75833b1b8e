/// The sentence of the error that something throws; nil where it throws none.
///
/// - Parameter body: What throws.
/// - Returns: The sentence.
public func sentence<Result>(of body: () throws -> Result) -> String? {
    do {
        _ = try body()
        return nil
    } catch {
        return "\(error)"
    }
}

import Recipes
import Runtimes

extension Recipe.Card.Cache {
    /// Settings of llama.cpp as a recipe writes them: what is as it is without a word stands in none.
    init(_ settings: LlamaCppSettings) {
        self.init(
            context: settings.context,
            sequences: settings.sequences,
            keys: settings.keys.rawValue,
            values: settings.values.rawValue,
            tokensAtOnce: settings.microBatch == LlamaCppSettings.standingMicroBatch
                ? nil : settings.microBatch,
            keepsWholeWindows: settings.keepsWholeWindows,
            isUnified: settings.isUnified
        )
    }

    /// A request whose llama.cpp is started so, or nil where a format is none of its cache.
    ///
    /// - Parameter request: What else is asked for.
    /// - Returns: The request with these settings.
    func set(in request: CardRequest) -> CardRequest? {
        guard let keys = CacheFormat(rawValue: keys), let values = CacheFormat(rawValue: values) else {
            return nil
        }
        var request = request
        (request.context, request.sequences) = (context, sequences)
        (request.keys, request.values) = (keys, values)
        request.microBatch = tokensAtOnce ?? LlamaCppSettings.standingMicroBatch
        request.keepsWholeWindows = keepsWholeWindows
        request.isUnified = isUnified
        return request
    }

    /// The settings in one text.
    var summary: String {
        let cells = isUnified ? " of one cache" : ""
        let batch = tokensAtOnce.map { ", \($0) tokens at once" } ?? ""
        let windows = keepsWholeWindows ? ", sliding windows whole" : ""
        let formats = "keys in \(keys), values in \(values)"
        return "\(context) tokens in \(sequences) sequences\(cells), \(formats)\(batch)\(windows)"
    }
}

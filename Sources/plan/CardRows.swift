import BitAllocation
import Foundation
import Planning
import Reports
import Runtimes

/// The plans for one card at several lengths of context and formats of cache.
struct CardRows {
    private let prepared: RestrictedTask
    private let request: CardRequest
    private let caches: [CardOptions.Cache]
    private let contexts: [(text: String, tokens: Int?)]

    init(_ options: CardOptions, contexts: String?, _ prepared: RestrictedTask) throws {
        self.prepared = prepared
        caches = try options.caches()
        var single = options
        single.kv = nil
        guard var request = try single.request() else {
            throw Failure(code: Failure.usage, message: "give a card, such as --card 24GiB")
        }
        if options.kv != nil { request.given.insert(.cache) }
        self.request = request
        if let contexts {
            try request.checkComparesContexts(of: prepared.input.model)
            self.contexts = try contexts.split(separator: ",", omittingEmptySubsequences: false).map {
                let text = $0.trimmingCharacters(in: .whitespaces)
                return (text, try CardOptions.tokens(text, of: "--contexts"))
            }
        } else {
            let own = request.context ?? (try? request.llamaSettings(for: prepared.input.model))?.context
            self.contexts = [(options.context ?? own.map { "\($0)" } ?? "", own)]
        }
    }

    /// A row per length and format, in the order in which they were given.
    func rows(with allocator: Allocator) throws -> [CardComparison.Row] {
        var rows: [CardComparison.Row] = []
        for context in contexts {
            var request = request
            request.context = context.tokens
            prepared.sayNotes(request)
            for cache in caches {
                guard !Interruption.isRequested else { return rows }
                rows.append(try row(context.text, context.tokens, cache, allocator))
            }
        }
        return rows
    }

    private func row(
        _ text: String,
        _ tokens: Int?,
        _ cache: CardOptions.Cache,
        _ allocator: Allocator
    ) throws -> CardComparison.Row {
        var request = request
        request.context = tokens
        (request.keys, request.values) = (cache.keys, cache.values)
        do {
            let outcome = try Interruption.watch { try prepared.outcome(on: request, with: allocator) }
            return CardComparison.Row(context: text, cache: cache.text, outcome)
        } catch let error as RuntimeError {
            guard let refused = CardComparison.Row(context: text, cache: cache.text, refusedBy: error) else {
                throw Failure(runtime: error)
            }
            return refused
        }
    }
}

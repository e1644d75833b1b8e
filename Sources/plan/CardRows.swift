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
        let memory: CardMemory
        switch Result(catching: { () throws(RuntimeError) in try request.memory(for: prepared.input.model) })
        {
        case .success(let found): memory = found
        case .failure(.cacheFormatsDiffer(let keys, let values, _)):
            return Self.row(text, cache, refusal: "refused: keys in \(keys), values in \(values)")
        case .failure(.cacheBlockDoesNotDivide(_, _, let block, let length)):
            return Self.row(text, cache, refusal: "refused: \(block) does not divide \(length)")
        case .failure(let error): throw Failure(runtime: error)
        }
        let isPicture = memory.runtime.makesPictures
        let cacheBytes = memory.claims.first { $0.name == LlamaCpp.cacheName }?.bytes
        var task = prepared.task
        guard let card = try? CardBudget(memory, for: &task) else {
            return Self.row(text, cache, cacheBytes: cacheBytes)
        }
        var problem = task.problem
        problem.budget = card.fileBytes
        let plan = try plan(for: problem, with: allocator)
        return CardComparison.Row(
            context: isPicture ? "" : text,
            cache: isPicture ? "" : cache.text,
            cacheBytes: cacheBytes,
            budget: plan.map { card.fileBytes(of: $0, for: task) } ?? card.fileBytes,
            plan: plan.map {
                CardComparison.Outcome(bytes: $0.bytes, impact: $0.impact, gap: $0.gap)
            }
        )
    }

    /// The plan, or nil where none fits.
    private func plan(for problem: AllocationProblem, with allocator: Allocator) throws -> AllocationPlan? {
        let solved = Interruption.watch {
            Result(catching: { () throws(AllocationError) in try allocator.plan(for: problem) })
        }
        switch solved {
        case .success(let plan): return plan
        case .failure(.infeasible), .failure(.overconstrained): return nil
        case .failure(let error): throw error
        }
    }

    private static func row(
        _ context: String,
        _ cache: CardOptions.Cache,
        cacheBytes: Int? = nil,
        refusal: String? = nil
    ) -> CardComparison.Row {
        CardComparison.Row(
            context: context,
            cache: cache.text,
            cacheBytes: cacheBytes,
            budget: nil,
            plan: nil,
            refusal: refusal
        )
    }
}

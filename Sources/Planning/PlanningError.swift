public import BitAllocation
public import Checkpoints

/// What keeps a model, a table and what is wanted from becoming a plan.
public enum PlanningError: Error, Hashable, Sendable {
    /// The allocator found no plan, or refused the problem.
    case allocation(AllocationError)
    /// A pattern that matches no layer, in the restriction as the user wrote it, and names that there are.
    case patternMatchesNothing(String, near: [String])
    /// A pattern that matches no layer but tensors that are kept, in the restriction as the user wrote it: one of them, the format in which
    /// it stays, and how many others.
    case matchesKept(String, tensor: String, format: String, others: Int)
    /// A pattern all of whose layers another rule has taken already; both as the user wrote them.
    case patternOverruled(String, by: String)
    /// A tie every layer of which stands alone, in the restriction as the user wrote it.
    case tiesNothing(String)
    /// A pin to a format that no layer it matches can take.
    case formatNowhere(String, format: String, known: [String])
    /// Restrictions that contradict each other, or the budget: the fewest to relax, none where they were not found in time.
    case contradiction(relax: [String], budget: Int?)
    /// A budget that cannot be read, and why.
    case unreadableBudget(String, reason: String)
    /// Layers of the impact table that match no tensor of the model.
    case layersWithoutTensors([String], modelLayers: [String])
    /// Layers of the impact table that match no tensor of the model as they are named, and all of which would if names began
    /// otherwise, as `OLD=NEW`, or if the case of letters did not count, or both.
    case layersNamedOtherwise([String], change: String?, ignoringCase: Bool)
    /// Layers of the model that the impact table does not have.
    case layersWithoutImpacts([String])
    /// A layer whose rows the blocks of the format that it is given do not divide.
    case rowsTooShort(layer: String, format: String, rows: [Int])
    /// A table all of whose formats have sizes that are not known; one of them.
    case unknownFormat(String, table: String)
    /// A format that was asked for and that the table has no column for.
    case formatNotInTable(String, table: String, known: [String])
    /// What takes memory of a card besides weights leaves nothing for them.
    case cardFull(card: Int, claimed: Int)
    /// What takes memory of one of several devices besides weights leaves nothing for them.
    case deviceFull(String, bytes: Int, claimed: Int)
    /// No placement of any plan keeps to the bytes of every device: those of all devices, and the smallest weights'.
    case devicesTooSmall(bytes: Int, smallest: Int)
    /// The output, which goes to a card, fits none: what it takes at least, and what the roomiest card has for it, in bytes.
    case outputFitsNoCard(bytes: Int, room: Int)
    /// No plan is so fast, in tokens per second.
    case tooSlow(asked: Double, fastest: Double)
    /// A speed was asked for, and how fast a device is read is not known.
    case bandwidthMissing(device: String)
    /// A limit on the number of formats, which plans on devices do not keep to.
    case noFormatLimitOnDevices
    /// A table says nothing about how far its impacts may be off.
    case noSpread(table: String)
    /// A table says only by which share its impacts may be off together, which changes no choice.
    case commonSpread(table: String, share: Double)

    /// Layers that a restriction, as the user wrote it, wants in more bits than their source has: one of them, and its format there.
    case aboveSource(String, layer: String, source: String)
    /// Measured losses that no rule of combining impacts can be fitted to, and why.
    case unusableLosses(String)
    /// A model that is quantized already: one of its weights, and whether all of them can be read.
    case quantizedAlready(PackedWeight, isReadable: Bool)
    /// A converter that quantizes no layer of the model, and what it never quantizes.
    case quantizesNothing(converter: String, exclusions: String)
    /// A tensor that a converter leaves in one format and that the user wants kept in another.
    case keptOtherwise(String, by: String, found: String, asked: String)
    /// A table without a column for a format that the converter accepts.
    case noFormatAccepted(converter: String, table: String)
    /// A format that the converter does not accept.
    case formatRefused(String, converter: String)
    /// A format that fits no layer that a restriction matches, because of the layers' rows.
    case formatFitsNowhere(String, format: String, rows: UnfitRows)
    /// A restriction asks for a format that some of its layers do not have; whether they lack it because the importance of their
    /// inputs is not known.
    case formatLacking(String, format: String, layers: [String], needsImportance: Bool)
    /// A runtime that does not load what a converter makes, and the converters whose files it loads.
    case notLoaded(converter: String, runtime: String, loaded: [String])
    /// A format that a runtime does not decode fast.
    case notDecoded(String, runtime: String)
    /// A table without a column for a format that the runtime decodes fast.
    case noFormatDecoded(runtime: String, table: String)
    /// An importance matrix that is not the one that the table was made with.
    case otherImportanceMatrix(table: String, planned: String)
    /// No plan fits the budget.
    case noneFits(Infeasibility)
    /// The built-in table, which was measured on FLUX.1-dev, for a model that lacks tensors that were cast there: one of them, and
    /// how many.
    case tableOfOtherArchitecture(table: String, model: String, lacks: String, count: Int)
    /// A recipe whose layers are not those of the model and the table.
    case recipeOfOtherLayers
    /// A recipe's layer in a format that is no option of it.
    case noOption(layer: String, format: String)
    /// A table whose digest is not the recipe's.
    case otherTable(String)
    /// Costs whose digest is not the recipe's.
    case otherCosts
    /// Costs for a recipe without a second budget.
    case noSecondBudget
    /// A finished file to be measured on a table that brings sizes of its own, for formats that no file of tensors has.
    case measuredSizes(table: String)
    /// A finished file that lacks tensors of the model: one of them, and how many.
    case fileOfOtherModel(String, model: String, lacks: String, count: Int)
    /// A finished file with a tensor that no known format makes of the model's.
    case unknownStorage(String, model: String, tensor: String, found: String)

    /// Runs a part of planning that the allocator's errors may end.
    static func wrapping<Result>(
        _ body: () throws(AllocationError) -> Result
    ) throws(PlanningError) -> Result {
        do throws(AllocationError) {
            return try body()
        } catch {
            throw .allocation(error)
        }
    }
}

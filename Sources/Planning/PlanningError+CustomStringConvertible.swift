import BitAllocation
import Checkpoints
import Tensors
import Text

extension PlanningError: CustomStringConvertible {
    /// The cause, then the remedy where there is one.
    public var description: String {
        switch self {
        // The search, and its goal.
        case .allocation(.infeasible(let budget, let smallestBytes)):
            "no plan fits \(ByteSize(budget).both); the smallest possible file has \(ByteSize(smallestBytes).both), "
                + "which is \(ByteSize(smallestBytes).grouped) bytes"
        case .allocation(.overconstrained(let budget)):
            "no plan within \(ByteSize(budget).both) keeps to the second budget and the limit on formats as well; "
                + "raise one of them"
        case .allocation(let error): error.description
        case .contradiction(let relax, let budget) where relax.isEmpty:
            "no plan\(budget.map { " within \(ByteSize($0).both)" } ?? "") keeps to every restriction; which to relax was not "
                + "found out in two seconds"
        case .contradiction(let relax, let budget):
            "no plan\(budget.map { " within \(ByteSize($0).both)" } ?? "") keeps to every restriction; it would be enough to relax "
                + (relax.count == 1
                    ? relax[0] : "these \(relax.count) together: \(relax.joined(separator: ", "))")
        case .noneFits(let reason): reason.sentence
        case .unreadableBudget(let text, let reason):
            "cannot read the budget \(text.quoted): \(reason)"

        // Restrictions.
        case .patternMatchesNothing(let restriction, let near):
            "\(restriction) matches no layer"
                + (near.isEmpty
                    ? "" : "; layers have names such as \(near.map(\.visible).joined(separator: ", "))")
        case .matchesKept(let restriction, let tensor, let format, let others):
            "\(restriction) matches no layer that is planned, only \(others == 0 ? "the tensor " : "")\(tensor.quoted)"
                + (others == 0 ? "" : " and \(others.of("other tensor"))")
                + ", which every plan keeps\(others == 0 ? "" : ", the first") in \(format); leave it out"
        case .patternOverruled(let restriction, let other):
            "\(restriction) does nothing, as what it matches is taken by \(other) already; leave one of them out, or put the more "
                + "exact pattern first"
        case .tiesNothing(let restriction):
            "\(restriction) ties nothing: every layer it matches has a text of its own under the *"
        case .formatNowhere(let restriction, let format, let known):
            "\(restriction): no layer it matches can take \(format); the formats of this plan are "
                + known.joined(separator: ", ")
        case .formatFitsNowhere(let restriction, let format, let rows):
            "\(restriction): no layer it matches can take \(format): \(rows.sentence)"
        case .formatLacking(let restriction, let format, let layers, let needsImportance):
            "\(restriction): the table has no \(format) for \(layers.count == 1 ? "the layer" : "\(layers.count) layers that it matches,") "
                + "\(Self.list(layers))"
                + (needsImportance
                    ? ", and \(format) is made only of tensors that the importance matrix knows" : "")
                + "; write patterns without \(layers.count == 1 ? "it" : "them")"
        case .aboveSource(let restriction, let layer, let source):
            "\(restriction): \(layer.quoted) is in \(source) in the source, which no more bits make better; name \(source), where the "
                + "table and the converter have it, or a format of fewer bits"
        case .rowsTooShort(let layer, let format, let rows):
            "layer \(layer.quoted) cannot take \(format), whose blocks do not divide its rows of "
                + "\(rows.map(String.init).joined(separator: " and ")) elements; choose another format for it"

        // Model and table.
        case .layersWithoutTensors(let names, let modelLayers):
            "the impact table names layers that are none of the model's planned ones: \(Self.list(names)); the model's are "
                + "named \(Self.list(Array(modelLayers.prefix(3)))); take the others out of the table, or choose another "
                + "grouping or the model that the table was measured on"
        case .layersNamedOtherwise(let names, let change, let ignoringCase):
            "the impact table names layers otherwise than the model, such as \(names.first ?? ""); all of them fit "
                + [
                    change.map { "with other beginnings, \($0)" },
                    ignoringCase ? "if the case of letters does not count" : nil,
                ].compactMap(\.self).joined(separator: ", ")
        case .layersWithoutImpacts(let names):
            "the impact table has no row for \(names.count == 1 ? "this layer" : "these \(names.count) layers") of the model: "
                + "\(Self.list(names)); add \(names.count == 1 ? "it" : "them") to the table, keep or pin "
                + "\(names.count == 1 ? "it" : "them")"
        case .unknownFormat(let name, let table):
            "the table \(table) has no column for a format whose size is known; the first is for \(name)"
        case .formatNotInTable(let name, let table, let known):
            "the table \(table) has no column for \(name); it has \(known.joined(separator: ", "))"
        case .quantizedAlready(let weight, _):
            "the model is quantized already: \(weight); give it as it was before, in F32, F16 or BF16"
        case .tableOfOtherArchitecture(let table, let model, let tensor, let count):
            "the table \(table.quoted) was measured on FLUX.1-dev, and the model \(model.quoted) is of another architecture, or "
                + "named otherwise: it lacks \(count == 1 ? "1 tensor" : "\(count) tensors"), such as \(tensor.quoted); give a "
                + "table of its own, such as plan estimate makes of its weights"
        case .otherImportanceMatrix(let table, let planned):
            "the table \(table) was made with the importance matrix \(planned), and the one given is another: give that one, or "
                + "estimate again with this"
        case .noSpread(let table):
            "the table \(table) has no ± for the layers of the model, so it does not say how far the impact of each may be off; "
                + "give a page of a sensitivity analysis with a Table 1, the tables that plan measure writes, or a table with "
                + "standard errors, as plan estimate makes of measured losses, or of a share of the rows"
        case .commonSpread(let table, let share):
            "the table \(table) may be off by ±\(Int((100 * share).rounded())) % as a whole, and its cells have no standard errors: one "
                + "factor for all of them changes no choice, so every draw would have the same plan; take the plan as it is, or give "
                + "a table whose cells have standard errors, as plan estimate makes of a share of the rows, or of measured losses"
        case .unusableLosses(let reason): reason

        // Cards and devices.
        case .cardFull(let card, let claimed):
            "the card has \(ByteSize(card).both), and what the runtime keeps beside the weights takes "
                + "\(ByteSize(claimed).both); nothing is left for weights"
        case .deviceFull(let name, let bytes, let claimed):
            "the device \(name) has \(ByteSize(bytes).both), and what the runtime keeps there beside the weights takes "
                + "\(ByteSize(claimed).both); nothing is left for weights"
        case .devicesTooSmall(let bytes, let smallest):
            "no plan fits the devices: they have \(ByteSize(bytes).both) together, less what caches, buffers and overhead take, "
                + "and every layer in its smallest format takes \(ByteSize(smallest).both)"
        case .outputFitsNoCard(let bytes, let room):
            "no plan fits the devices: llama.cpp computes the output on a card, where it takes \(ByteSize(bytes).both) at least, and "
                + "no card has more than \(ByteSize(room).both) for weights"
        case .tooSlow(let asked, let fastest):
            "no plan on these devices reaches \(Self.short(asked)) tokens per second; the fastest reaches "
                + "\(Self.short(fastest))"
        case .bandwidthMissing(let device):
            "a speed needs the bandwidth of every device, and \(device) has none; write it after the size, as in "
                + "\(device)=24GiB,936GB/s"
        case .noFormatLimitOnDevices:
            "the number of formats cannot be limited on several devices; plan for one card, or leave the limit out"

        // Converters and runtimes.
        case .quantizesNothing(let converter, let exclusions):
            "\(converter) quantizes no layer of the model, only what has none of these: \(exclusions); use another converter"
        case .keptOtherwise(let tensor, let converter, let found, let asked):
            "\(converter) leaves \(tensor.quoted) in \(found) where it does not quantize it, so it cannot be kept in \(asked); "
                + "leave the format out, or pin the layer to it"
        case .noFormatAccepted(let converter, let table):
            "the table \(table) has no column for a format that \(converter) accepts"
        case .formatRefused(let format, let converter): "\(converter) does not accept \(format)"
        case .notLoaded(let converter, let runtime, let loaded):
            "\(runtime) does not load what \(converter) makes; plan for \(loaded.joined(separator: " or ")), or for another "
                + "runtime"
        case .notDecoded(let format, let runtime):
            "\(runtime) does not decode \(format) fast; leave it out, or plan for another runtime"
        case .noFormatDecoded(let runtime, let table):
            "the table \(table) has no column for a format that \(runtime) decodes fast; measure some with plan estimate for this "
                + "runtime, or plan for another"

        // Recipes and finished files.
        case .recipeOfOtherLayers:
            "the recipe does not have the layers of this model and table"
        case .noOption(let layer, let format):
            "the recipe casts \(layer) to \(format), which is no option of that layer here"
        case .otherTable(let table):
            "the recipe was planned on another table than \(table): their digests differ"
        case .otherCosts: "the recipe was planned on other costs than those given: their digests differ"
        case .noSecondBudget:
            "the recipe was planned without a limit on a second cost, so there is nothing to check costs for"
        case .measuredSizes(let table):
            "the table \(table.quoted) brings its own sizes along, for formats that no file of tensors has; finished files cannot "
                + "be measured on it"
        case .fileOfOtherModel(let path, let model, let tensor, let count):
            "\(path.quoted) is no file of the model \(model.quoted): it lacks \(count == 1 ? "1 tensor" : "\(count) tensors"), such "
                + "as \(tensor.quoted)"
        case .unknownStorage(let path, let model, let tensor, let found):
            "\(path.quoted) holds \(tensor.quoted) as \(found), which no known format makes of the tensor of the model "
                + "\(model.quoted)"
        }
    }

    /// A number with three digits.
    private static func short(_ number: Double) -> String {
        let factor = number >= 100 ? 1.0 : number >= 10 ? 10 : 100
        let rounded = (number * factor).rounded(.down) / factor
        return rounded == rounded.rounded() && rounded < 1e15 ? "\(Int(rounded))" : "\(rounded)"
    }

    /// At most ten names, and how many more there are.
    private static func list(_ names: [String]) -> String {
        names.listed(atMost: 10, quoted: false)
    }
}

import Recipes
import Reports
import Runtimes
import Tensors

extension Recipe {
    /// What takes memory of two recipes' cards, or of their devices, where that differs.
    ///
    /// - Parameters:
    ///   - first: The first recipe.
    ///   - second: The second recipe.
    /// - Returns: A row per part that differs; none where one recipe has a card and the other has none.
    static func memoryDifference(_ first: Recipe, _ second: Recipe) -> Table {
        var table = Table(columns: [
            Table.Column("Memory", key: "part"), Table.Column("First", .right, key: "first"),
            Table.Column("Second", .right, key: "second"),
        ])
        let isOnCards = first.card != nil && second.card != nil
        let isOnDevices = first.devices != nil && second.devices != nil
        guard isOnCards || isOnDevices else { return table }
        let (before, after) = (numbered(first.memoryParts), numbered(second.memoryParts))
        let found = Dictionary(uniqueKeysWithValues: before)
        let others = Dictionary(uniqueKeysWithValues: after)
        for name in before.map(\.0) + after.map(\.0).filter({ found[$0] == nil }) {
            let cells = [found[name] ?? .empty, others[name] ?? .empty]
            if cells[0].value != cells[1].value { table.append([Table.Cell(name)] + cells) }
        }
        return table
    }

    /// The parts with a number behind a name that others have before it, as of two files of one name.
    private static func numbered(_ parts: [(String, Table.Cell)]) -> [(String, Table.Cell)] {
        var counts: [String: Int] = [:]
        return parts.map { name, cell in
            counts[name, default: 0] += 1
            let count = counts[name, default: 1]
            return (count > 1 ? "\(name) (\(count))" : name, cell)
        }
    }

    /// The settings and parts of the card or the devices, by their names.
    private var memoryParts: [(String, Table.Cell)] {
        if let card {
            return [("the card", Self.size(card.bytes)), ("runtime", Table.Cell(card.runtime))]
                + (card.cache.map(Self.parts) ?? [])
                + (card.resolution.map { [("resolution", Table.Cell($0))] } ?? [])
                + card.claims.map { ($0.name, Self.size($0.bytes)) }
                + [("in the file, not on the card", Self.size(card.offCard))]
        }
        guard let devices else { return [] }
        var parts = [("runtime", Table.Cell(devices.runtime))] + Self.parts(devices.cache)
        if let asked = devices.minimumSpeed {
            parts.append(("tokens/s asked for", Table.Cell(Figures.speed(asked), value: .number(asked))))
        }
        for place in devices.places {
            parts += [
                (place.name, Self.size(place.bytes)), ("\(place.name): blocks", .integer(place.units)),
                ("\(place.name): weights", Self.size(place.weights)),
                ("\(place.name): cache", Self.size(place.cache)),
            ]
            if let bandwidth = place.bandwidth {
                let text = "\(Figures.speed(bandwidth / 1e9)) GB/s"
                parts.append(("\(place.name): bandwidth", Table.Cell(text, value: .number(bandwidth))))
            }
            parts += place.claims.map { ("\(place.name): \($0.name)", Self.size($0.bytes)) }
        }
        return parts
    }

    private static func parts(_ cache: Card.Cache) -> [(String, Table.Cell)] {
        [
            ("context", Table.Cell(ByteSize(cache.context).grouped, value: .integer(cache.context))),
            ("sequences", .integer(cache.sequences)), ("cached keys", Table.Cell(cache.keys)),
            ("cached values", Table.Cell(cache.values)),
            ("tokens at once", .integer(cache.tokensAtOnce ?? LlamaCppSettings.standingMicroBatch)),
            ("sliding windows", Table.Cell(cache.keepsWholeWindows ? "whole" : "cut")),
            ("the sequences' cache", Table.Cell(cache.isUnified ? "shared" : "parts")),
        ]
    }

    private static func size(_ bytes: Int) -> Table.Cell {
        Table.Cell(ByteSize(bytes).binary, value: .integer(bytes))
    }
}

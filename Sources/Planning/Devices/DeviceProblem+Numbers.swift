import BitAllocation
import Runtimes

/// The problem as numbers alone, as the search takes it.
extension DeviceProblem {
    /// The problem as numbers, and what its numbers stand for.
    struct Numbers {
        let groups: [Group]
        /// The groups whose layers may be on any device, and the options of each.
        let free: [Int]
        let freeOptions: [[Placed]]
        /// The unit that each unit's segment begins with, and the segments by their first units.
        let firstUnit: [Int]
        let segments: [Int]
        /// The groups of a segment, by its first unit, and their options by segment and place.
        let bound: [Int: [Int]]
        let boundOptions: [[[[Placed]]]]
        let ordered: OrderedResourceProblem
    }

    /// The problem as numbers; nil where some layer or segment has no place.
    func numbers() throws(PlanningError) -> Numbers? {
        let groups = try groups()
        let firstUnit = firstUnits(of: groups)
        let segments = Array(Set(firstUnit)).sorted()
        var free: [Int] = []
        var bound: [Int: [Int]] = [:]
        for (index, group) in groups.enumerated() {
            if let units = group.units {
                bound[firstUnit[units.lowerBound], default: []].append(index)
            } else {
                free.append(index)
            }
        }
        let fixed = fixed()
        let freeOptions = free.map { placed(groups[$0], at: 0) }
        var places: [[OrderedResourceProblem.Place]] = []
        var boundOptions: [[[[Placed]]]] = []
        for first in segments {
            let units = firstUnit.indices.filter { firstUnit[$0] == first }
            var own: [OrderedResourceProblem.Place] = []
            var options: [[[Placed]]] = []
            for place in devices.devices.indices {
                let layers = (bound[first] ?? []).map { placed(groups[$0], at: place) }
                own.append(segment(of: units, at: place, layers, fixed))
                options.append(layers)
            }
            guard own.contains(where: \.isOpen) else { return nil }
            places.append(own)
            boundOptions.append(options)
        }
        guard freeOptions.allSatisfy({ !$0.isEmpty }) else { return nil }
        do throws(AllocationError) {
            return Numbers(
                groups: groups,
                free: free,
                freeOptions: freeOptions,
                firstUnit: firstUnit,
                segments: segments,
                bound: bound,
                boundOptions: boundOptions,
                ordered: try OrderedResourceProblem(
                    free: freeOptions.map { $0.map(\.option) },
                    segments: places,
                    limits: limits,
                    peakResource: receiver
                )
            )
        } catch {
            throw .allocation(error)
        }
    }

    /// The unit that each unit's segment begins with: units that a layer or a tie binds together are one segment.
    private func firstUnits(of groups: [Group]) -> [Int] {
        var first = Array(0..<devices.unitCount)
        for units in groups.compactMap(\.units) {
            for unit in units.dropFirst() { first[unit] = -1 }
        }
        for unit in first.indices.dropFirst() where first[unit] < 0 {
            first[unit] = first[unit - 1]
        }
        return first
    }

    /// A segment on a place.
    ///
    /// - Parameters:
    ///   - units: The segment's units.
    ///   - place: The device.
    ///   - layers: The options of its groups there.
    ///   - fixed: What is there whatever the formats.
    /// - Returns: The segment there, open where it may be.
    private func segment(
        of units: [Int],
        at place: Int,
        _ layers: [[Placed]],
        _ fixed: (units: [Bytes], host: Bytes)
    ) -> OrderedResourceProblem.Place {
        let nothing = ResourceProblem.Option(cost: 0, uses: [Double](repeating: 0, count: limits.count))
        var standing = nothing
        for unit in units {
            add(fixed.units[unit], on: place, to: &standing)
            if place == host, hasCards {
                standing.peak = max(standing.peak, fixed.units[unit].largest)
            }
        }
        if units.first == 0 { add(fixed.host, to: &standing) }
        // The output is on a card where there is one, as its matrix is the largest of all; and no block is where one of
        // its layers has no format.
        let isOutputOnHost = place == host && hasCards && units.contains(devices.unitCount - 1)
        let isOpen = !closed.contains(place) && !isOutputOnHost && layers.allSatisfy { !$0.isEmpty }
        return .init(
            cost: standing.cost,
            uses: standing.uses,
            peak: standing.peak,
            layers: layers.map { isOpen ? $0.map(\.option) : [nothing] },
            isOpen: isOpen
        )
    }
}

import BitAllocation
import Checkpoints
import Runtimes
import Tensors

extension DeviceProblem {
    /// Where the tensors of a choice are: first as the search has it, then with as many as possible on their block's device.
    ///
    /// The search knows of bytes and times only. Of plans that are equal in these, one whose blocks are whole is better.
    struct Placement {
        /// The index of the chosen option, per layer.
        let choices: [Int]
        /// The device of each unit.
        let unitPlaces: [Int]
        /// The device of each tensor that may be moved, by its name.
        private(set) var tensorPlaces: [String: Int]
        /// The device of each layer; nil where its tensors are on several, or on none.
        private(set) var layerPlaces: [Int?]
        /// The bytes of each tensor, by its name.
        private let bytes: [String: Int]
        /// The groups all of whose tensors may be moved, and the devices that the search put them on.
        private let movable: [(group: Group, device: Int)]
        private let problem: DeviceProblem

        /// Puts a choice on devices as the search has it.
        ///
        /// - Parameters:
        ///   - chosen: Every group with its option.
        ///   - unitPlaces: The device of each unit.
        ///   - problem: The problem.
        init(_ chosen: [(group: Group, placed: Placed)], _ unitPlaces: [Int], of problem: DeviceProblem) {
            let task = problem.task
            var choices = [Int](repeating: 0, count: task.problem.layerCount)
            var tensorPlaces: [String: Int] = [:]
            var layerPlaces = [Int?](repeating: nil, count: task.problem.layerCount)
            var bytes: [String: Int] = [:]
            for (group, placed) in chosen {
                for (layer, option) in zip(group.layers, group.choices[placed.choice]) {
                    choices[layer] = option
                    let format = problem.formats[Int(task.problem.optionFormat[option])]
                    var places: Set<Int> = []
                    var moved: Int?
                    for tensor in task.model.layers[layer].tensors {
                        bytes[tensor.name] = format?.byteCount(of: tensor) ?? 0
                        switch problem.devices.home(of: tensor.name) {
                        case .notLoaded: break
                        case .lookedUp: if let host = problem.host { places.insert(host) }
                        case .bound(let unit): places.insert(unitPlaces[unit])
                        case .movable:
                            tensorPlaces[tensor.name] = placed.device
                            moved = placed.device
                        }
                    }
                    layerPlaces[layer] = moved ?? (places.count == 1 ? places.first : nil)
                }
            }
            for kept in task.model.kept { bytes[kept.tensor.name] = kept.bytes }
            self.choices = choices
            self.unitPlaces = unitPlaces
            self.tensorPlaces = tensorPlaces
            self.layerPlaces = layerPlaces
            self.bytes = bytes
            self.problem = problem
            movable = chosen.filter { $0.group.isMovable && $0.group.units == nil }
                .map { ($0.group, $0.placed.device) }
        }

        /// What is on every device.
        var loads: [DeviceLoad] {
            problem.devices.loads(places: unitPlaces, tensors: tensorPlaces) { bytes[$0.name] ?? 0 }
        }

        /// The bytes of the largest matrix on the host that a batch takes to a card; 0 where there is none.
        var largestHostMatrix: Int {
            guard let host = problem.host, problem.hasCards else { return 0 }
            let model = problem.task.model
            let devices = problem.devices
            let tensors =
                model.layers.flatMap(\.tensors) + model.kept.map(\.tensor).filter { $0.dimensionCount > 1 }
            return tensors.reduce(0) { largest, tensor in
                guard devices.mayBeComputedOnHost(tensor.name) else { return largest }
                let place: Int? =
                    switch devices.home(of: tensor.name) {
                    case .bound(let unit): unitPlaces[unit]
                    case .movable(let unit): tensorPlaces[tensor.name] ?? unitPlaces[unit]
                    case .lookedUp, .notLoaded: nil
                    }
                return place == host ? max(largest, bytes[tensor.name] ?? 0) : largest
            }
        }

        /// Moves the tensors of groups to their block's device where there is room and nothing gets slower: a plan is as good so, and
        /// a block is better whole.
        mutating func bringHome() {
            let largest = largestHostMatrix
            var loads = loads
            for (group, device) in movable {
                bringHome(group, from: device, largestHostMatrix: largest, &loads)
            }
        }

        /// Moves the tensors of one group to their block's device where it has room and is no slower.
        private mutating func bringHome(
            _ group: Group,
            from device: Int,
            largestHostMatrix: Int,
            _ loads: inout [DeviceLoad]
        ) {
            guard let home = home(of: group), home != device else { return }
            let tensors = problem.tensors(of: group)
            let sizes = tensors.map { bytes[$0.name] ?? 0 }
            let all = sizes.reduce(0, +)
            if home == problem.host, problem.hasCards, sizes.contains(where: { $0 > largestHostMatrix }) {
                return
            }
            let copied = home == problem.receiver ? largestHostMatrix : 0
            guard Double(loads[home].weights + loads[home].cache + all + copied) <= problem.limits[home]
            else {
                return
            }
            // Read from a device that is no slower.
            let devices = problem.devices.devices
            switch (devices[home].bandwidth, devices[device].bandwidth) {
            case (let new?, let old?) where new < old: return
            case (nil, _), (_, nil): if devices[home].isHost { return }
            default: break
            }
            for tensor in tensors { tensorPlaces[tensor.name] = home }
            loads[home].weights += all
            loads[device].weights -= all
        }

        /// Exchanges the tensors of groups that take the same of their devices, so that more of them are on their block's.
        mutating func exchange() {
            var parts: [(names: [String], part: HomeExchange.Part)] = []
            for (group, _) in movable {
                let tensors = problem.tensors(of: group)
                guard let home = home(of: group),
                    let device = tensors.first.flatMap({ tensorPlaces[$0.name] }), device != home
                else { continue }
                let read = tensors.reduce(0) {
                    $0 + Double(bytes[$1.name] ?? 0) * problem.devices.readShare(of: $1)
                }
                let part = HomeExchange.Part(
                    device: device,
                    home: home,
                    bytes: tensors.map { bytes[$0.name] ?? 0 }.sorted(),
                    read: read
                )
                parts.append((tensors.map(\.name), part))
            }
            for (device, (names, _)) in zip(HomeExchange.devices(of: parts.map(\.part)), parts) {
                for name in names { tensorPlaces[name] = device }
            }
            for (group, _) in movable {
                for layer in group.layers {
                    let own = problem.task.model.layers[layer].tensors.compactMap { tensorPlaces[$0.name] }
                    layerPlaces[layer] = Set(own).count == 1 ? own.first : layerPlaces[layer]
                }
            }
        }

        /// The one device of the blocks that a group's tensors belong to; nil where those are several, or it is to be on a device.
        private func home(of group: Group) -> Int? {
            guard !group.layers.contains(where: { $0 == problem.pin?.layer }) else { return nil }
            var homes: Set<Int> = []
            for tensor in problem.tensors(of: group) {
                guard case .movable(let unit) = problem.devices.home(of: tensor.name) else { return nil }
                homes.insert(unitPlaces[unit])
            }
            return homes.count == 1 ? homes.first : nil
        }
    }

    /// The tensors of a group's layers.
    private func tensors(of group: Group) -> [TensorInfo] {
        group.layers.flatMap { task.model.layers[$0].tensors }
    }
}

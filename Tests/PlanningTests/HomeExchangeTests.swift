import TestSupport
import Testing

@testable import Planning

/// Parts that change places so that more of them are where their blocks are.
@Suite struct HomeExchangeTests {
    private static func parts(seed: Int) -> [HomeExchange.Part] {
        var generator = SeededGenerator(seed: seed)
        return (0..<Int.random(in: 0...40, using: &generator)).map { _ in
            let device = Int.random(in: 0..<4, using: &generator)
            let home = (device + Int.random(in: 1..<4, using: &generator)) % 4
            let bytes = [100, 200][Int.random(in: 0..<2, using: &generator)]
            let read = Double(bytes) / [1.0, 8][Int.random(in: 0..<2, using: &generator)]
            return HomeExchange.Part(device: device, home: home, bytes: [bytes], read: read)
        }
    }

    /// What is on the devices, whatever the parts.
    private static func loads(_ parts: [HomeExchange.Part], on devices: [Int]) -> [String: Int] {
        var loads: [String: Int] = [:]
        for (part, device) in zip(parts, devices) {
            loads["\(device) \(part.bytes) \(part.read)", default: 0] += 1
        }
        return loads
    }

    @Test(
        "every device holds the same as before, nothing that came home leaves, and no exchange is left",
        arguments: 0..<200
    )
    func keepsLoads(seed: Int) {
        let parts = Self.parts(seed: seed)
        let devices = HomeExchange.devices(of: parts)
        #expect(Self.loads(parts, on: devices) == Self.loads(parts, on: parts.map(\.device)))
        #expect(devices == HomeExchange.devices(of: parts))
        let away = parts.indices.filter { devices[$0] != parts[$0].home }
        for one in away {
            for other in away
            where parts[one].bytes == parts[other].bytes && parts[one].read == parts[other].read {
                #expect(devices[other] != parts[one].home, "\(one) and \(other) could change places")
            }
        }
    }

    @Test("two parts on each other's device both come home, and three in a ring do")
    func bringsHome() {
        func part(_ device: Int, _ home: Int, _ bytes: Int = 8) -> HomeExchange.Part {
            HomeExchange.Part(device: device, home: home, bytes: [bytes], read: 8)
        }
        #expect(HomeExchange.devices(of: [part(0, 1), part(1, 0)]) == [1, 0])
        #expect(HomeExchange.devices(of: [part(0, 1), part(1, 2), part(2, 0)]) == [1, 2, 0])
        // Of three, the pair comes first, as it brings two home at once.
        #expect(HomeExchange.devices(of: [part(0, 1), part(1, 2), part(1, 0)]) == [1, 1, 0])
        #expect(HomeExchange.devices(of: [part(0, 1), part(1, 0, 9)]) == [0, 1])
    }
}

import TestSupport
import Testing

@testable import Tensors

/// Digests as `sha256sum` computes them.
@Suite struct SHA256Tests {
    @Test(
        "the digests are those of FIPS 180-4",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ]
    )
    func known(text: String, digest: String) {
        var sum = SHA256()
        sum.update(Array(text.utf8))
        #expect(sum.text == digest)
    }

    @Test("a million letters in pieces of any size have the digest of all at once", arguments: 1...4)
    func pieces(seed: Int) {
        var random = SeededGenerator(seed: seed)
        var sum = SHA256()
        var left = 1_000_000
        while left > 0 {
            let count = min(left, Int.random(in: 0...300, using: &random))
            sum.update([UInt8](repeating: UInt8(ascii: "a"), count: count))
            left -= count
        }
        #expect(sum.text == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }
}

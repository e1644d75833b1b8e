import Testing
import Text

@testable import Checkpoints

struct SafetensorsIndexTests {
    private func read(_ json: String) throws(CheckpointError) -> SafetensorsIndex {
        try SafetensorsIndex(ByteSource(bytes: Array(json.utf8), path: "m.safetensors.index.json"))
    }

    @Test("an index says which file holds which tensor, whatever else it says")
    func whole() throws {
        let json =
            #"{"metadata": {"total_size": 1.2e1}, "weight_map": {"a": "x.safetensors", "b": "y.safetensors"}}"#
        #expect(try read(json).shards == ["a": "x.safetensors", "b": "y.safetensors"])
        #expect(try read("\u{FEFF}" + json).shards.count == 2)
    }

    @Test(
        "a defect of an index is an error that says where",
        arguments: [
            ("{}", 0, FileDefect.json(.missingMember(of: "the index", member: "weight_map"))),
            (
                #"{"weight_map":{},"weight_map":{}}"#, 17,
                .json(.nameTwice(of: "the index", name: "weight_map"))
            ),
            (#"{"weight_map":{"a":"x","a":"y"}}"#, 23, .duplicateTensor("a")),
            (#"{"weight_map":{"a":".."}}"#, 15, .impossibleShardName(tensor: "a", shard: "..")),
            (#"{"weight_map":{"a":"../x"}}"#, 15, .impossibleShardName(tensor: "a", shard: "../x")),
            (#"{"weight_map":{"a":"/x"}}"#, 15, .impossibleShardName(tensor: "a", shard: "/x")),
            (#"{"weight_map":{"a":""}}"#, 15, .impossibleShardName(tensor: "a", shard: "")),
            (#"{"weight_map":{"a":"x\u0000y"}}"#, 15, .impossibleShardName(tensor: "a", shard: "x\0y")),
            (#"{"weight_map":{"":"x"}}"#, 15, .emptyTensorName),
            (
                #"{"weight_map":{"a":1}}"#, 19,
                .json(.unexpectedValue(of: "the file of tensor \"a\"", expected: "a string"))
            ),
            (#"{"weight_map":[]}"#, 14, .json(.unexpectedValue(of: "weight_map", expected: "an object"))),
            (#"{"weight_map":{"a":"x"#, 21, .json(.notJSON(found: "its end"))),
            (#"{"weight_map":{}}x"#, 17, .json(.notJSON(found: "\"x\""))),
        ]
    )
    func defects(json: String, offset: Int, expected: FileDefect) {
        let found = defect { () throws(CheckpointError) in _ = try read(json) }
        #expect(found?.0 == expected)
        #expect(found?.offset == offset)
    }
}

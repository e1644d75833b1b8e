import Tensors
import TestSupport
import Testing

@Suite("the files that fuzzing groupings begins with")
struct CorpusTests {
    @Test("every grouping is read or refused, as its name says")
    func groupings() throws {
        let files = try FuzzCorpus("grouping").files
        #expect(files.count >= 10)
        for file in files {
            do throws(TensorError) {
                _ = try LayerGroupingReader.read(file.bytes, from: file.name)
                #expect(file.isGood, "\(file.name) is read")
            } catch {
                #expect(!file.isGood, "\(file.name): \(error)")
            }
        }
    }
}

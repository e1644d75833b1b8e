import Foundation
import Sensitivity
import TestSupport
import Testing

@Suite("the files that fuzzing tables and captures begins with")
struct CorpusTests {
    @Test("every table is read or refused, as its name says, and is the same table as CSV")
    func impacts() throws {
        let files = try FuzzCorpus("impacts").files
        #expect(files.count >= 10)
        for file in files {
            do throws(SensitivityError) {
                let table = try ImpactTableReader.read(
                    path: file.url.path(percentEncoded: false),
                    options: ImpactImportOptions(lowFormat: "Q4_0", highFormat: "Q8_0")
                ).table
                #expect(file.isGood, "\(file.name) is read")
                let again = try ImpactTableReader.read(text: table.csv(), name: table.name).table
                #expect(again.cells == table.cells, "\(file.name)")
            } catch {
                #expect(!file.isGood, "\(file.name): \(error)")
                #expect(error.description.contains(file.name), "\(file.name): \(error)")
            }
        }
    }

    @Test("every capture is read or refused, as its name says")
    func captures() throws {
        let files = try FuzzCorpus("capture").files
        #expect(files.count >= 10)
        for file in files {
            do throws(SensitivityError) {
                _ = try CaptureFile.read(Data(file.bytes), file: file.name)
                #expect(file.isGood, "\(file.name) is read")
            } catch {
                #expect(!file.isGood, "\(file.name): \(error)")
            }
        }
    }
}

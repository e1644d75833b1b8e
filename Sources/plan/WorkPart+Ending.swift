import Estimation

extension WorkPart {
    /// How the name of something that belongs to the part ends: `-losses-03-of-16.csv`.
    func ending(_ word: String, _ suffix: String?) -> String {
        let digits = "\(count)".count
        let padded = String(repeating: "0", count: digits - "\(number)".count) + "\(number)"
        return "-\(word)-\(padded)-of-\(count)" + (suffix.map { ".\($0)" } ?? "")
    }
}

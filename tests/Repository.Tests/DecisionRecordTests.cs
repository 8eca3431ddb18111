using System.Text.RegularExpressions;

namespace Repository.Tests;

/// <summary>The decisions under docs/adr: each with its number, and in one form.</summary>
public sealed partial class DecisionRecordTests
{
    private const string Index = "docs/adr/README.md";

    private static readonly string[] Parts = ["Status", "Context", "Decision", "Consequences"];

    private static IEnumerable<string> Records =>
        RepositoryFiles.All.Where(path => path.StartsWith("docs/adr/", StringComparison.Ordinal) && path != Index);

    [Fact]
    public void A_record_is_named_by_number_and_title()
        => Findings.AssertNone("docs/adr/NNNN-title-in-small-letters.md", Records.Where(path => !FileName().IsMatch(path)));

    [Fact]
    public void A_number_is_given_once()
        => Findings.AssertNone(
            "Two decisions with one number.",
            from path in Records
            group path by Path.GetFileName(path)[..4] into same
            where same.Count() > 1
            select string.Join(", ", same));

    [Fact]
    public void A_record_says_status_context_decision_and_consequences()
        => Findings.AssertNone(
            "Each record has the headings " + string.Join(", ", Parts) + ", and opens with its number.",
            from path in Records
            let text = RepositoryFiles.Text(path)
            let missing = Parts.Where(part => !Regex.IsMatch(text, $"(?m)^(## |\\*\\*|)({part})\\b")).ToList()
            let number = int.Parse(Path.GetFileName(path)[..4], System.Globalization.CultureInfo.InvariantCulture)
            where missing.Count > 0 || !Regex.IsMatch(text, $"^# 0*{number}\\b")
            select $"{path}: {(missing.Count > 0 ? "lacks " + string.Join(", ", missing) : "does not open with its number")}");

    [GeneratedRegex(@"^docs/adr/\d{4}-[a-z0-9]+(-[a-z0-9]+)*\.md$")]
    private static partial Regex FileName();
}

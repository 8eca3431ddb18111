using System.Text.RegularExpressions;

namespace Repository.Tests;

/// <summary>Checks the number, format, length and index of the decision records under docs/adr.</summary>
public sealed partial class DecisionRecordTests
{
    private const string Index = "docs/adr/README.md";
    private const int MaxRecords = 112;
    private const int MaxWordsPerRecord = 350;
    private const int MaxWords = 33_200;

    private static IEnumerable<string> Pages =>
        RepositoryFiles.All.Where(path => path.StartsWith("docs/adr/", StringComparison.Ordinal));

    private static IEnumerable<string> Records => Pages.Where(path => path != Index);

    [Fact]
    public void Records_are_few_and_short()
    {
        Assert.InRange(Records.Count(), 1, MaxRecords);
        Assert.InRange(Pages.Sum(Words), 1, MaxWords);
        Findings.AssertNone(
            $"A decision record has at most {MaxWordsPerRecord} words.",
            from path in Records
            let words = Words(path)
            where words > MaxWordsPerRecord
            select $"{path}: {words} words");
    }

    [Fact]
    public void A_number_is_used_once()
        => Findings.AssertNone(
            "A number names one decision record, or is merged into one record.",
            from use in Records.SelectMany(path => Merged(path).Prepend(Number(path)), (path, number) => (path, number))
            group use.path by use.number into same
            where same.Count() > 1
            select $"{same.Key}: {string.Join(", ", same)}");

    [Fact]
    public void A_record_has_the_common_format()
        => Findings.AssertNone(
            "A decision record has a number and a title of at most eight words, 'Status: accepted', the numbers it "
            + "merges, and the sections Context, Decision and Consequences. Example: docs/adr/0054-*.md.",
            from path in Records
            let text = RepositoryFiles.Text(path).ReplaceLineEndings("\n")
            where !Format().IsMatch(text) || text.Split('\n').Count(line => line.StartsWith('#')) != 4
            select path);

    [Fact]
    public void A_file_is_named_by_number_and_title()
        => Findings.AssertNone(
            "docs/adr/NNNN-title-in-small-letters.md",
            from path in Records
            let title = RepositoryFiles.Lines(path)[0].TrimStart('#', ' ')
            let name = Separators().Replace(title.ToLowerInvariant(), "-").Trim('-')
            where path != $"docs/adr/{name}.md"
            select $"{path}: {title}");

    [Fact]
    public void The_index_lists_each_record_and_the_numbers_that_it_merges()
    {
        var lines = RepositoryFiles.Lines(Index);
        Findings.AssertNone(
            $"{Index} has a line '- [NNNN Title](file)' for each record, and a line 'merged numbers: NNNN'.",
            from path in Records
            let number = Number(path)
            let title = RepositoryFiles.Lines(path)[0].TrimStart('#', ' ')
            let link = $"- [{title}]({Path.GetFileName(path)})"
            let merged = Merged(path)
            where lines.Count(line => line.StartsWith(link, StringComparison.Ordinal)) != 1
                || (merged.Length > 0 && !lines.Contains($"{string.Join(", ", merged)}: {number}"))
            select path);
    }

    private static string Number(string path) => Path.GetFileName(path)[..4];

    private static string[] Merged(string path)
    {
        var match = MergedNumbers().Match(RepositoryFiles.Text(path));
        return match.Success ? match.Groups[1].Value.Split(", ") : [];
    }

    private static int Words(string path)
        => RepositoryFiles.Text(path).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;

    [GeneratedRegex(
        @"\A# \d{4}( \S+){1,8}\n\nStatus: accepted\n(Merges: \d{4}(, \d{4})*\n)?"
        + @"\n## Context\n.+\n\n## Decision\n.+\n\n## Consequences\n.+\n\z",
        RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Format();

    [GeneratedRegex(@"(?m)^Merges: (\d{4}(?:, \d{4})*)\r?$")]
    private static partial Regex MergedNumbers();

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Separators();
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace Repository.Tests;

/// <summary>
/// Checks that the code of the pages compiles, that links have a target, and that each page is in the right folder.
/// </summary>
public sealed partial class DocumentTests
{
    private const int ReadMeLines = 120;
    private const int MaxWords = 178_500;

    public static TheoryData<string> PagesWithCode => new(
        from page in Markdown.Pages
        where !page.StartsWith("docs/tutorial/", StringComparison.Ordinal) // TutorialTests
        where !page.StartsWith("docs/reference/diagnostics/", StringComparison.Ordinal) // DiagnosticPageTests
        where Fence.Of(page).Any(fence => fence.Language == "csharp")
        select page);

    public static TheoryData<string> PagesThatRun => new(
        from page in Markdown.Pages
        where page.StartsWith("docs/how-to/", StringComparison.Ordinal)
        let code = string.Concat(Fence.Of(page).Where(fence => fence.Language == "csharp").Select(fence => fence.Text))
        where code.Contains("await ", StringComparison.Ordinal) || code.Contains("Assert.", StringComparison.Ordinal)
        where !code.Contains("builder.", StringComparison.Ordinal)
        select page);

    [Theory]
    [MemberData(nameof(PagesWithCode))]
    public void The_code_of_a_page_compiles(string page) =>
        Findings.AssertNone($"The C# of {page} does not compile.", PageCompilation.Problems(PageCompilation.Of(page)));

    [Theory]
    [MemberData(nameof(PagesWithCode))]
    public async Task The_code_of_a_page_has_no_finding(string page)
        => Findings.AssertNone(
            $"The analyzers report findings for {page}.",
            from found in await PageCompilation.Analyze(PageCompilation.Of(page))
            where found.Severity >= Microsoft.CodeAnalysis.DiagnosticSeverity.Warning
            select PageCompilation.Describe(found));

    [Theory]
    [MemberData(nameof(PagesThatRun))]
    public async Task The_code_of_a_page_does_what_the_page_says(string page) => await PageRun.Of(page);

    [Fact]
    public void Every_link_has_a_target()
        => Findings.AssertNone(
            "A link to a file or heading that does not exist.",
            from page in Markdown.Pages
            from Match match in Link().Matches(WithoutCode(page))
            let target = match.Groups[1].Value
            where !target.Contains("://", StringComparison.Ordinal) && !Exists(page, target)
            select $"{page} → {target}");

    [Fact]
    public void The_read_me_is_short()
        => Assert.InRange(RepositoryFiles.Lines("README.md").Length, 20, ReadMeLines);

    [Fact]
    public void A_command_that_retries_has_a_constant_delay() =>
        Findings.AssertNone(
            "curl doubles the delay between retries, and seems to hang: add --retry-delay.",
            from page in Markdown.Pages
            from line in RepositoryFiles.Lines(page)
            where line.Contains("curl ", StringComparison.Ordinal)
                && line.Contains("--retry ", StringComparison.Ordinal)
                && !line.Contains("--retry-delay ", StringComparison.Ordinal)
            select $"{page}: {line}");

    [Fact]
    public void The_pages_under_docs_do_not_grow() =>
        Assert.InRange(
            Markdown.Pages.Where(path => path.StartsWith("docs/", StringComparison.Ordinal)).Sum(Words),
            1,
            MaxWords);

    private static int Words(string path) =>
        RepositoryFiles.Text(path).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;

    [Fact]
    public void A_page_is_a_tutorial_a_how_to_a_reference_or_an_explanation()
    {
        string[] folders = ["tutorial", "how-to", "reference", "explanation", "adr"];
        string[] pages = ["docs/architecture.md", "docs/performance.md"];

        Findings.AssertNone(
            "Pages under docs/ are in " + string.Join(", ", folders),
            from path in RepositoryFiles.All
            where path.StartsWith("docs/", StringComparison.Ordinal)
            where !folders.Contains(path.Split('/')[1]) && !pages.Contains(path)
            select path);
    }

    [Fact]
    public void Every_page_is_reached_from_the_index_of_its_folder()
        => Findings.AssertNone(
            "docs/<folder>/README.md names each page of its folder.",
            from path in RepositoryFiles.All
            where HasIndex(path) && Path.GetFileName(path) != "README.md"
            let index = Path.GetDirectoryName(path)!.Replace('\\', '/') + "/README.md"
            where !File.Exists(RepositoryFiles.FullPath(index))
                || !RepositoryFiles.Text(index).Contains($"({Path.GetFileName(path)}", StringComparison.Ordinal)
            select path);

    private static bool HasIndex(string path)
        => Folder().IsMatch(path) && path.EndsWith(".md", StringComparison.Ordinal);

    private static string WithoutCode(string page) => Code().Replace(RepositoryFiles.Text(page), "");

    private static bool Exists(string page, string target)
    {
        var parts = target.Split('#');
        var path = parts[0] == "" ? page : Path.Combine(Path.GetDirectoryName(page)!, parts[0]);
        var full = Path.GetFullPath(RepositoryFiles.FullPath(path));
        return File.Exists(full)
            ? parts.Length == 1 || HasAnchor(full, parts[1])
            : Directory.Exists(full) && parts.Length == 1;
    }

    /// <summary>Returns whether a page has the heading or a source file has the line.</summary>
    private static bool HasAnchor(string file, string anchor) =>
        file.EndsWith(".md", StringComparison.Ordinal)
            ? File.ReadLines(file).Where(line => line.StartsWith('#')).Any(line => Anchor(line) == anchor)
            : int.TryParse(anchor.TrimStart('L'), CultureInfo.InvariantCulture, out var line)
                && line <= File.ReadLines(file).Count();

    // Renderers usually write anchors in lower case, without punctuation and with dashes instead of spaces.
    private static string Anchor(string heading)
        => string.Concat(heading.TrimStart('#').Trim().ToLowerInvariant()
            .Where(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' or ' ')).Replace(' ', '-');

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"(?s)```.*?```|`[^`\n]*`")]
    private static partial Regex Code();

    [GeneratedRegex("^docs/(how-to|reference|explanation|tutorial)/[^/]+$")]
    private static partial Regex Folder();
}

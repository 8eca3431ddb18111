using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Repository.Tests;

/// <summary>
/// Checks the page that follows one event through the code. Its links point to the named members, and the number of
/// files does not grow. <c>UPDATE_DOCS=1</c> writes the current lines into the links.
/// </summary>
public sealed partial class OneEventPageTests
{
    private const string Page = "docs/explanation/one-event.md";
    private const int MaxFilesToQueue = 12;
    private const int MaxFiles = 53;

    [Fact]
    public void Links_point_to_the_members_that_they_name()
    {
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
            File.WriteAllText(RepositoryFiles.FullPath(Page), Link().Replace(RepositoryFiles.Text(Page), Current));

        Findings.AssertNone(
            $"A link of {Page} does not point to its member. UPDATE_DOCS=1 ./test --only OneEventPage updates it.",
            Link().Matches(RepositoryFiles.Text(Page))
                .Where(link => !LinesOf(link).Contains(LineOf(link)))
                .Select(link => link.Value));
    }

    [Fact]
    public void The_files_between_a_request_and_its_answer_do_not_grow_in_number()
    {
        var page = RepositoryFiles.Text(Page);
        var (toQueue, files) = (FilesIn(page.Split("\n## From the commit queue")[0]), FilesIn(page));

        Assert.InRange(toQueue, 1, MaxFilesToQueue);
        Assert.InRange(files, 1, MaxFiles);
        Assert.Contains($"\n{toQueue} files. Everything up to the queue", page, StringComparison.Ordinal);
    }

    private static int FilesIn(string text) =>
        Link().Matches(text).Select(link => link.Groups["path"].Value).Distinct().Count();

    private static string Current(Match link)
    {
        var lines = LinesOf(link);
        var line = lines.Contains(LineOf(link)) ? LineOf(link) : lines.DefaultIfEmpty(1).First();
        return $"[{link.Groups["member"].Value}](../../{link.Groups["path"].Value}#L{line})";
    }

    private static int LineOf(Match link) => int.Parse(link.Groups["line"].Value, CultureInfo.InvariantCulture);

    /// <summary>Returns the lines of the declarations that a link may mean, without attributes and comments.</summary>
    private static List<int> LinesOf(Match link)
    {
        var path = link.Groups["path"].Value;
        if (!RepositoryFiles.All.Contains(path))
            return [];
        return
        [
            .. RepositoryFiles.Syntax(path).DescendantNodes()
                .OfType<MethodDeclarationSyntax>()
                .Where(method => method.Identifier.Text == link.Groups["member"].Value)
                .Select(method => method.Identifier.GetLocation().GetLineSpan().StartLinePosition.Line + 1),
        ];
    }

    [GeneratedRegex(@"\[(?<member>\w+)\]\(\.\./\.\./(?<path>src/[^#)]+)#L(?<line>\d+)\)")]
    private static partial Regex Link();
}

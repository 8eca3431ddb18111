using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Repository.Tests;

/// <summary>Checks the packages that projects reference and the page about them.</summary>
public sealed partial class DependencyTests
{
    private const string Page = "docs/reference/dependencies.md";
    private const string Versions = "Directory.Packages.props";

    private static readonly string[] InternalUses = ["build", "tests"];

    [Fact]
    public void Every_pinned_version_is_used_by_a_project() =>
        Findings.AssertNone(
            $"{Versions} has a version that no project uses.",
            Pinned().Except(References().Select(reference => reference.Package)));

    [Fact]
    public void Every_package_has_a_row_and_every_row_has_a_package()
        => Assert.Equal(Pinned().Order(StringComparer.OrdinalIgnoreCase), Rows().Select(row => row.Package));

    [Fact]
    public void A_row_names_the_libraries_that_reference_its_package()
        => Findings.AssertNone(
            $"{Page} names other projects than those under src/ that reference the package.",
            from row in Rows()
            let libraries = References()
                .Where(reference => reference.Package == row.Package && reference.IsForUsers)
                .Select(reference => reference.Project).Distinct().Order(StringComparer.Ordinal).ToArray()
            let isRight = libraries.Length == 0
                ? InternalUses.Contains(row.Libraries)
                : row.Libraries == string.Join(", ", libraries)
            where !isRight
            select $"{row.Package}: '{row.Libraries}' instead of '{string.Join(", ", libraries)}'");

    [Fact]
    public void A_row_names_the_purpose_and_the_licence()
        => Findings.AssertNone(
            $"{Page} has a row with an empty cell.",
            from row in Rows()
            where new[] { row.For, row.Licence, row.Trimmable }.Any(string.IsNullOrWhiteSpace)
            select row.Package);

    private static IEnumerable<string> Pinned()
        => XDocument.Load(RepositoryFiles.FullPath(Versions)).Descendants("PackageVersion")
            .Select(version => (string)version.Attribute("Include")!);

    private static List<(string Package, string Project, bool IsForUsers)> References() =>
        [
            .. from path in RepositoryFiles.All
            where
                path.EndsWith(".csproj", StringComparison.Ordinal) || path.EndsWith(".props", StringComparison.Ordinal)
            from reference in XDocument.Load(RepositoryFiles.FullPath(path)).Descendants("PackageReference")
            let isForUsers = path.StartsWith("src/", StringComparison.Ordinal)
                && (string?)reference.Attribute("PrivateAssets") != "all"
            select ((string)reference.Attribute("Include")!, Path.GetFileNameWithoutExtension(path), isForUsers),
        ];

    private static IEnumerable<(
        string Package, string For, string Licence, string Libraries, string Trimmable)> Rows() =>
        from line in RepositoryFiles.Lines(Page)
        let match = Row().Match(line)
        where match.Success
        select (
            match.Groups[1].Value,
            match.Groups[2].Value,
            match.Groups[3].Value,
            match.Groups[4].Value,
            match.Groups[5].Value);

    [GeneratedRegex(@"^\| `([^`]+)` \| ([^|]*) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$")]
    private static partial Regex Row();
}

using System.Text.RegularExpressions;

namespace Repository.Tests;

/// <summary>What is checked in works on every machine and tells nothing about the one it was written on.</summary>
public sealed partial class MachineTests
{
    private static readonly string[] TextFiles =
    [
        "",
        ".cs",
        ".config",
        ".csproj",
        ".css",
        ".html",
        ".js",
        ".json",
        ".md",
        ".npmrc",
        ".props",
        ".sh",
        ".slnx",
        ".sql",
        ".targets",
        ".ts",
        ".txt",
        ".yaml",
        ".yml",
    ];

    [Fact]
    public void No_file_names_a_place_on_one_machine()
        => Findings.AssertNone(
            "No path into somebody's home or workspace.",
            Matches(MachinePath()));

    [Fact]
    public void No_file_names_a_package_server()
        => Findings.AssertNone(
            "Packages come from where the machine's own configuration says.",
            Matches(PackageServer()));

    [Fact]
    public void The_top_of_the_repository_shows_what_it_is()
    {
        string[] expected =
        [
            ".ci",
            ".editorconfig",
            ".gitattributes",
            ".github",
            ".gitignore",
            "CHANGELOG.md",
            "CONTRIBUTING.md",
            "Directory.Build.props",
            "Directory.Build.targets",
            "Directory.Packages.props",
            "LICENSE",
            "Millrace.slnx",
            "README.md",
            "SECURITY.md",
            "bench",
            "benchmarks",
            "deploy",
            "docs",
            "eng",
            "global.json",
            "millrace",
            "pack",
            "run",
            "samples",
            "site",
            "src",
            "test",
            "tests",
        ];

        var found = RepositoryFiles.All.Select(path => path.Split('/')[0]).Distinct();
        Findings.AssertNone("Nothing else stands at the top.", found.Except(expected));
    }

    private static IEnumerable<string> Matches(Regex pattern)
        => from path in RepositoryFiles.All
           where TextFiles.Contains(Path.GetExtension(path)) && path != "tests/Repository.Tests/MachineTests.cs"
           from line in RepositoryFiles.Lines(path).Index()
           where pattern.IsMatch(line.Item)
           select $"{path}:{line.Index + 1}: {line.Item.Trim()}";

    [GeneratedRegex(@"(^|[\s""'=(:])(/work/|/root/|/home/[a-z]|/Users/[A-Za-z])|[A-Z]:\\Users\\")]
    private static partial Regex MachinePath();

    [GeneratedRegex(
        @"https?://[^/\s""'<]*(nuget|npm|registry|artifactory|nexus|mirror)[^/\s""'<]*", RegexOptions.IgnoreCase)]
    private static partial Regex PackageServer();
}

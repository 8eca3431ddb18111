using System.Text.RegularExpressions;

namespace Repository.Tests;

/// <summary>Checks that the repository works on every machine and contains no details of a machine.</summary>
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
    public void No_file_contains_a_path_of_one_machine()
        => Findings.AssertNone(
            "No file contains a path of a home directory or workspace.",
            Matches(MachinePath()));

    [Fact]
    public void No_file_contains_the_address_of_a_package_server()
        => Findings.AssertNone(
            "The configuration of the machine selects the package server.",
            Matches(PackageServer()));

    [Fact]
    public void The_root_of_the_repository_has_the_expected_entries()
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
            "ops",
            "pack",
            "run",
            "samples",
            "site",
            "src",
            "test",
            "tests",
        ];

        var found = RepositoryFiles.All.Select(path => path.Split('/')[0]).Distinct();
        Findings.AssertNone("The root of the repository has no other entries.", found.Except(expected));
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

using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Repository.Tests;

/// <summary>Checks the projects and their references.</summary>
public sealed partial class ProjectTests
{
    // Adapters and tools reference the core and not each other. Programs combine adapters.
    private static readonly string[] Programs = ["Millrace.Cli", "Millrace.Server"];

    // Extensions of a library with further dependencies, which applications without them do not need.
    private static readonly (string From, string To)[] Extensions =
    [
        ("Millrace.OpenTelemetry.AspNetCore", "Millrace.OpenTelemetry"),
        ("Millrace.Console", "Millrace.AspNetCore"),
        Kit,
    ];

    // The FsCheck extension of the test kit references the test kit.
    private static (string From, string To) Kit => ("Millrace.Testing.FsCheck", "Millrace.Testing");

    // Compilers and editors load these extensions. They reference no library, and any project may include them.
    private static readonly string[] CompilerExtensions = ["Millrace.Generators", "Millrace.CodeFixes"];

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var listed = XDocument.Load(RepositoryFiles.FullPath("Millrace.slnx")).Descendants("Project")
            .Select(project => (string)project.Attribute("Path")!);
        var projects = RepositoryFiles.All.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal));

        Assert.Equal(projects.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_test_script_finds_every_test_project()
        => Findings.AssertNone(
            "./test runs every tests/**/*.Tests.csproj. Exactly the projects with such a name import "
            + "eng/Test.props.",
            from path in RepositoryFiles.All
            where
                path.StartsWith("tests/", StringComparison.Ordinal)
                && path.EndsWith(".csproj", StringComparison.Ordinal)
            let isTestProject = RepositoryFiles.Text(path).Contains("eng/Test.props", StringComparison.Ordinal)
            where path.EndsWith(".Tests.csproj", StringComparison.Ordinal) != isTestProject
            select path);

    [Fact]
    public void Every_library_imports_the_common_settings()
        => Findings.AssertNone(
            "A library imports eng/Library.props and disables no warning.",
            from path in RepositoryFiles.All
            where
                path.StartsWith("src/", StringComparison.Ordinal) && path.EndsWith(".csproj", StringComparison.Ordinal)
            let text = RepositoryFiles.Text(path)
            where (!text.Contains("eng/Library.props", StringComparison.Ordinal) && !IsProgramOrExtension(path))
                || text.Contains("TreatWarningsAsErrors", StringComparison.Ordinal)
            select path);

    [Fact]
    public void Project_references_point_down()
        => Findings.AssertNone(
            "samples → adapters → Millrace; no project under src/ references tests, samples or benchmarks.",
            from path in RepositoryFiles.All
            where
                path.StartsWith("src/", StringComparison.Ordinal) && path.EndsWith(".csproj", StringComparison.Ordinal)
            let name = Path.GetFileNameWithoutExtension(path)
            from reference in References(path)
            where !IsAllowed(name, reference)
            select $"{name} → {reference}");

    /// <summary>A third-party adapter can use everything that an adapter of this repository uses.</summary>
    [Fact]
    public void Adapters_use_only_the_public_API()
        => Findings.AssertNone(
            "Internals of a library are visible only to its tests and to Millrace.Testing. Make public what an adapter "
                + "needs, or share its source (decision 0100).",
            from path in RepositoryFiles.All
            where
                path.StartsWith("src/", StringComparison.Ordinal) && path.EndsWith(".csproj", StringComparison.Ordinal)
            let name = Path.GetFileNameWithoutExtension(path)
            where !CompilerExtensions.Contains(name)
            from friend in XDocument.Load(RepositoryFiles.FullPath(path)).Descendants("InternalsVisibleTo")
            let friendName = (string)friend.Attribute("Include")!
            where RepositoryFiles.All.Contains($"src/{friendName}/{friendName}.csproj")
                && friendName != Kit.To && friendName != Kit.From
            select $"{name} → {friendName}");

    [Fact]
    public void Packages_have_their_version_in_one_file()
        => Findings.AssertNone(
            "Versions of packages are in Directory.Packages.props.",
            from path in RepositoryFiles.All
            where
                path.EndsWith(".csproj", StringComparison.Ordinal)
                && VersionedReference().IsMatch(RepositoryFiles.Text(path))
            select path);

    private static bool IsProgramOrExtension(string path)
        => Programs.Concat(CompilerExtensions).Contains(Path.GetFileNameWithoutExtension(path));

    private static bool IsAllowed(string from, string to)
    {
        if (!to.StartsWith("src/", StringComparison.Ordinal))
        {
            return false;
        }

        var target = Path.GetFileNameWithoutExtension(to);
        return CompilerExtensions.Contains(from)
            ? (from, target) is ("Millrace.CodeFixes", "Millrace.Generators")
            : CompilerExtensions.Contains(target)
                || (from != "Millrace" && (target == "Millrace" || Programs.Contains(from)))
                || Extensions.Contains((from, target));
    }

    private static IEnumerable<string> References(string path)
        => XDocument.Load(RepositoryFiles.FullPath(path)).Descendants("ProjectReference")
            .Select(reference => ((string)reference.Attribute("Include")!).Replace('\\', '/')
                .Replace("$(MSBuildThisFileDirectory)", "", StringComparison.Ordinal))
            .Select(reference => Path.GetRelativePath(RepositoryRoot.Folder,
                Path.Combine(RepositoryRoot.Folder, Path.GetDirectoryName(path)!, reference)))
            .Select(reference => reference.Replace('\\', '/'));

    [GeneratedRegex("<PackageReference [^>]*Version=")]
    private static partial Regex VersionedReference();
}

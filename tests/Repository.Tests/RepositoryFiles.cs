using System.Diagnostics;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Repository.Tests;

/// <summary>Finds the files of this repository that git tracks, and new files that git does not ignore.</summary>
internal static class RepositoryFiles
{
    private static readonly CSharpParseOptions Options = new(LanguageVersion.Preview);
    private static readonly Lazy<IReadOnlyList<string>> Listed = new(List);

    /// <summary>Gets the paths relative to the root, with forward slashes.</summary>
    public static IReadOnlyList<string> All => Listed.Value;

    public static IEnumerable<string> Sources(params string[] folders)
        => All.Where(path => path.EndsWith(".cs", StringComparison.Ordinal)
            && folders.Any(folder => path.StartsWith(folder + "/", StringComparison.Ordinal)));

    public static string FullPath(string path) => RepositoryRoot.PathOf(path);

    public static string Text(string path) => File.ReadAllText(FullPath(path));

    public static string[] Lines(string path) => File.ReadAllLines(FullPath(path));

    public static CompilationUnitSyntax Syntax(string path)
        => (CompilationUnitSyntax)CSharpSyntaxTree.ParseText(Text(path), Options, path).GetRoot();

    private static List<string> List()
    {
        var start = new ProcessStartInfo("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = RepositoryRoot.Folder,
            RedirectStandardOutput = true,
        };
        using var git = Process.Start(start) ?? throw new InvalidOperationException("git does not start.");
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);

        // The templates of 'dotnet new' are the code of another application. TemplateTests builds them with the rules
        // of that application.
        var files = output.Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Where(path => !path.StartsWith("eng/Millrace.Templates/templates/", StringComparison.Ordinal))
            .Where(path => File.Exists(FullPath(path)))
            .ToList();
        Assert.Contains("Millrace.slnx", files);
        return files;
    }
}

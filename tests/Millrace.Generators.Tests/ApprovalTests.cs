using System.Runtime.CompilerServices;

namespace Millrace.Generators.Tests;

/// <summary>
/// Compares the generated code for Approved/Shop.csx with the approved files. To update them: <c>UPDATE_APPROVED=1
/// ./test --only Approval</c>.
/// </summary>
public sealed class ApprovalTests
{
    public static TheoryData<string> Concerns => new(Files.Keys.Order(StringComparer.Ordinal));

    private static IReadOnlyDictionary<string, string> Files { get; } = GeneratorRunner.Files(Source());

    [Fact]
    public void The_generated_files_have_the_approved_names()
    {
        var approved = Directory.EnumerateFiles(Folder(), "*.txt").Select(path => Path.GetFileName(path));

        Assert.Equal(Files.Keys.Select(Approved).Order(StringComparer.Ordinal), approved.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Concerns))]
    public void A_generated_file_equals_its_approved_file(string file)
    {
        var path = Path.Combine(Folder(), Approved(file));
        if (Environment.GetEnvironmentVariable("UPDATE_APPROVED") == "1")
            File.WriteAllText(path, Files[file]);

        Assert.Equal(File.ReadAllText(path), Files[file]);
    }

    [Fact]
    public void The_generated_code_compiles_without_a_warning()
        => Assert.Empty(GeneratorRunner.Problems(Source()));

    private static string Approved(string file) => file.Replace(".g.cs", ".txt", StringComparison.Ordinal);

    private static string Source() => File.ReadAllText(Path.Combine(Folder(), "Shop.csx"));

    private static string Folder([CallerFilePath] string sourceFile = "") =>
        Path.Combine(Path.GetDirectoryName(sourceFile)!, "Approved");
}

using System.Reflection;
using Microsoft.CodeAnalysis;

namespace Repository.Tests;

/// <summary>Each diagnostic has a page, whose wrong code gives that diagnostic and whose
/// right code gives none.</summary>
public sealed class DiagnosticPageTests
{
    private const string Folder = "docs/reference/diagnostics";

    /// <summary>Marks code that belongs to the wrong example and to the right one.</summary>
    private const string Shared = "csharp shared";

    private static readonly IReadOnlyDictionary<string, DiagnosticDescriptor> Descriptors =
        Assembly.Load("Millrace.Generators").GetTypes()
            .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static))
            .Where(field => field.FieldType == typeof(DiagnosticDescriptor))
            .Select(field => field.GetValue(null))
            .OfType<DiagnosticDescriptor>()
            .ToDictionary(descriptor => descriptor.Id);

    public static TheoryData<string> Ids => new(Descriptors.Keys.Order());

    /// <summary>Those that code can cause: a failure of the generator has none that is known.</summary>
    public static TheoryData<string> Caused => new(Descriptors.Keys.Where(id => id != "MILL0125").Order());

    [Theory]
    [MemberData(nameof(Ids))]
    public void Its_page_bears_its_title(string id)
    {
        var title = Descriptors[id].Title.ToString(System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal($"# {id}: {title}", RepositoryFiles.Lines(Page(id))[0]);
        Assert.Contains(
            $"| [{id}]({id}.md) | {title} |", RepositoryFiles.Text($"{Folder}/README.md"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Caused))]
    public async Task What_its_page_calls_wrong_is_reported(string id)
    {
        var compilation = PageCompilation.Generate(
            id, Code(id, "csharp wrong"), out var reported, Contract(id, "json wrong"));

        Assert.Contains(
            id, reported.Concat(await PageCompilation.Analyze(compilation)).Select(diagnostic => diagnostic.Id));
    }

    [Theory]
    [MemberData(nameof(Caused))]
    public async Task What_its_page_calls_right_compiles(string id)
    {
        var compilation = PageCompilation.Generate(id, Code(id, "csharp"), out var reported, Contract(id, "json"));

        Findings.AssertNone($"{Page(id)} calls this right.",
            reported.Concat(await PageCompilation.Analyze(compilation)).Select(PageCompilation.Describe)
                .Concat(PageCompilation.Problems(compilation)));
    }

    [Fact]
    public void Each_page_has_its_diagnostic()
        => Findings.AssertNone(
            "A page for a diagnostic that does not exist.",
            from path in RepositoryFiles.All
            where path.StartsWith(Folder + "/MILL", StringComparison.Ordinal)
            where !Descriptors.ContainsKey(Path.GetFileNameWithoutExtension(path))
            select path);

    /// <summary>The contract file that a page shows, if it shows one; that of what is right goes for
    /// what is wrong, too.</summary>
    private static AdditionalText[] Contract(string id, string info)
    {
        var fences = Fence.Of(Page(id)).Where(fence => fence.Language == "json").ToList();
        var shown = fences.Find(fence => fence.Info == info) ?? fences.Find(fence => fence.Info == "json");
        return shown is null ? [] : [new PageFile("events.contract.json", shown.Text)];
    }

    private static string Page(string id) => $"{Folder}/{id}.md";

    private static IEnumerable<Fence> Code(string id, string info)
    {
        var fences = Fence.Of(Page(id)).Where(fence => fence.Info == info || fence.Info == Shared).ToList();
        Assert.NotEmpty(fences);
        return fences.Any(fence => fence.Text.Contains("[Model]", StringComparison.Ordinal))
            ? fences
            : fences.Append(new(Page(id), 1, "csharp", "[Model] public sealed partial class PageModel;"));
    }
}

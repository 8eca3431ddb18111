using System.Reflection;
using Microsoft.CodeAnalysis;

namespace Repository.Tests;

/// <summary>
/// Checks that each diagnostic has a page. The wrong code of the page causes the diagnostic, and the right code
/// causes none.
/// </summary>
public sealed class DiagnosticPageTests
{
    private const string Folder = "docs/reference/diagnostics";

    /// <summary>The info string of code that belongs to both the wrong and the right example.</summary>
    private const string Shared = "csharp shared";

    private static readonly IReadOnlyDictionary<string, DiagnosticDescriptor> Descriptors =
        Assembly.Load("Millrace.Generators").GetTypes()
            .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static))
            .Where(field => field.FieldType == typeof(DiagnosticDescriptor))
            .Select(field => field.GetValue(null))
            .OfType<DiagnosticDescriptor>()
            .ToDictionary(descriptor => descriptor.Id);

    public static TheoryData<string> Ids => new(Descriptors.Keys.Order());

    /// <summary>Gets the diagnostics that code can cause. No known code makes the generator fail.</summary>
    public static TheoryData<string> ReportableIds => new(Descriptors.Keys.Where(id => id != "MILL0125").Order());

    [Theory]
    [MemberData(nameof(Ids))]
    public void The_page_has_the_title_of_the_diagnostic(string id)
    {
        var title = Descriptors[id].Title.ToString(System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal($"# {id}: {title}", RepositoryFiles.Lines(Page(id))[0]);
        Assert.Contains(
            $"| [{id}]({id}.md) | {title} |", RepositoryFiles.Text($"{Folder}/README.md"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(ReportableIds))]
    public async Task The_wrong_code_of_the_page_is_reported(string id)
    {
        var compilation = PageCompilation.Generate(
            id, Code(id, "csharp wrong"), out var reported, Contract(id, "json wrong"));

        Assert.Contains(
            id, reported.Concat(await PageCompilation.Analyze(compilation)).Select(diagnostic => diagnostic.Id));
    }

    [Theory]
    [MemberData(nameof(ReportableIds))]
    public async Task The_right_code_of_the_page_compiles(string id)
    {
        var compilation = PageCompilation.Generate(id, Code(id, "csharp"), out var reported, Contract(id, "json"));

        Findings.AssertNone($"{Page(id)} shows this code as right.",
            reported.Concat(await PageCompilation.Analyze(compilation)).Select(PageCompilation.Describe)
                .Concat(PageCompilation.Problems(compilation)));
    }

    [Fact]
    public void Each_page_belongs_to_a_diagnostic()
        => Findings.AssertNone(
            "A page for a diagnostic that does not exist.",
            from path in RepositoryFiles.All
            where path.StartsWith(Folder + "/MILL", StringComparison.Ordinal)
            where !Descriptors.ContainsKey(Path.GetFileNameWithoutExtension(path))
            select path);

    /// <summary>
    /// Returns the contract file of a page, if it has one. The file of the right example also applies to the wrong one.
    /// </summary>
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

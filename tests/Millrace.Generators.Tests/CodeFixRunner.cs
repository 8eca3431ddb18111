using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Millrace.CodeFixes;
using Millrace.Generators.Tests.Analyzers;

namespace Millrace.Generators.Tests;

/// <summary>Applies code fixes to source text, as an editor does.</summary>
internal static class CodeFixRunner
{
    /// <summary>Gets all code fixes.</summary>
    public static ImmutableArray<CodeFixProvider> All { get; } =
    [
        .. typeof(MakePartialFix).Assembly.GetTypes()
            .Where(type => type.IsDefined(typeof(ExportCodeFixProviderAttribute), inherit: false))
            .Select(type => (CodeFixProvider)Activator.CreateInstance(type)!),
    ];

    /// <summary>Gets the ids of all diagnostics with a code fix.</summary>
    public static IReadOnlySet<string> Ids { get; } =
        All.SelectMany(provider => provider.FixableDiagnosticIds).ToHashSet();

    /// <summary>
    /// Applies the fix to the first diagnostic with the id and returns the changed file. Asserts that the file compiles
    /// and that the diagnostic is gone.
    /// </summary>
    /// <param name="id">The id of the diagnostic.</param>
    /// <param name="source">The text with the mistake.</param>
    /// <param name="title">A part of the title of the fix. Selects one of several fixes.</param>
    /// <param name="compiles">
    /// Whether the fixed code must compile. Some fixes leave code that the user must complete.
    /// </param>
    public static async Task<string> Fix(string id, string source, string title = "", bool compiles = true)
    {
        var found = (await AnalyzerRunner.Find(source)).Where(found => found.Id == id).ToList();
        Assert.NotEmpty(found);
        using var workspace = new AdhocWorkspace();
        var document = Open(workspace, source);

        var action = (await FindFixes(document, found[0])).First(action =>
            action.Title.Contains(title, StringComparison.Ordinal));
        var result = await Apply(action, document);

        Assert.True(
            (await AnalyzerRunner.Find(result)).Count(remaining => remaining.Id == id) < found.Count,
            $"{id} is still reported in:\n{result}");
        if (compiles)
        {
            var problems = GeneratorRunner.Problems(result);
            Assert.True(problems.Count == 0, $"{string.Join('\n', problems)}\nin:\n{result}");
        }

        return result;
    }

    /// <summary>Applies the only fix for a diagnostic and returns the changed file.</summary>
    public static async Task<string> ApplyOnlyFix(string source, Diagnostic found)
    {
        using var workspace = new AdhocWorkspace();
        var document = Open(workspace, source);
        return await Apply(Assert.Single(await FindFixes(document, found)), document);
    }

    /// <summary>Returns the solution after a fix.</summary>
    public static async Task<Solution> ChangedSolution(CodeAction action) =>
        (await action.GetOperationsAsync(CancellationToken.None))
            .OfType<ApplyChangesOperation>()
            .Single()
            .ChangedSolution;

    private static async Task<string> Apply(CodeAction action, Document document) =>
        (await (await ChangedSolution(action)).GetDocument(document.Id)!.GetTextAsync()).ToString();

    /// <summary>Returns the fixes that an editor offers for a diagnostic.</summary>
    public static async Task<IReadOnlyList<CodeAction>> FindFixes(Document document, Diagnostic found)
    {
        var actions = new List<CodeAction>();
        foreach (var provider in All.Where(provider => provider.FixableDiagnosticIds.Contains(found.Id)))
        {
            await provider.RegisterCodeFixesAsync(
                new CodeFixContext(document, found, (action, _) => actions.Add(action), CancellationToken.None));
        }

        return actions;
    }

    public static Document Open(AdhocWorkspace workspace, string source)
    {
        var compilation = GeneratorRunner.Compile(source);
        var project = workspace.AddProject(ProjectInfo.Create(
            ProjectId.CreateNewId(),
            VersionStamp.Default,
            "Sample",
            "Sample",
            LanguageNames.CSharp,
            compilationOptions: compilation.Options,
            parseOptions: compilation.SyntaxTrees.First().Options,
            metadataReferences: compilation.References));
        var documents = compilation.SyntaxTrees.Select(tree =>
            workspace.AddDocument(DocumentInfo.Create(
                DocumentId.CreateNewId(project.Id),
                tree.FilePath,
                loader: TextLoader.From(TextAndVersion.Create(tree.GetText(), VersionStamp.Default)),
                filePath: tree.FilePath))).ToList();
        return workspace.CurrentSolution.GetDocument(documents[^1].Id)!;
    }
}

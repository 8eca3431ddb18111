using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Text;
using Millrace.Generators;
using Millrace.Generators.Contracts;
using Millrace.Generators.Roslyn;

namespace Millrace.CodeFixes;

/// <summary>
/// Writes the new shape of one event, or of all events in the project, to <c>events.contract.json</c>.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(AcceptShapeFix)), Shared]
internal sealed class AcceptShapeFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => [DiagnosticIds.ContractIncomplete];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => new AcceptAllFixProvider();

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (FileOf(context.Document.Project) is not { } file || await Read(file, context.CancellationToken) is null)
            return; // Without a file there are no diagnostics. The developer must correct an unreadable file.
        foreach (var diagnostic in context.Diagnostics)
        {
            if (ShapeOf(diagnostic) is not { } shape)
                continue;
            var title = $"Accept '{shape.Name}' version {shape.Version} into {ContractFile.FileName}";
            context.RegisterCodeFix(
                CodeAction.Create(
                    title, cancellation => Accept(context.Document.Project, [diagnostic], cancellation), diagnostic.Id),
                diagnostic);
        }
    }

    private static async Task<Solution> Accept(
        Project project, IEnumerable<Diagnostic> diagnostics, CancellationToken cancellationToken)
    {
        if (FileOf(project) is not { } file || await Read(file, cancellationToken) is not { } contract)
            return project.Solution;
        foreach (var diagnostic in diagnostics)
        {
            if (ShapeOf(diagnostic) is { } shape)
                contract.Add(shape.Name, shape.Version, shape.Members);
        }
        return project.Solution.WithAdditionalDocumentText(file.Id, SourceText.From(contract.Write()));
    }

    private static TextDocument? FileOf(Project project) =>
        project.AdditionalDocuments.FirstOrDefault(file => file.Name == ContractFile.FileName);

    private static async Task<ContractFile?> Read(TextDocument file, CancellationToken cancellationToken)
    {
        try
        {
            return ContractFile.Parse((await file.GetTextAsync(cancellationToken)).ToString());
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>
    /// Parses the detail of the diagnostic. The first line has the name and the version. Each other line has a member.
    /// </summary>
    private static (string Name, int Version, IEnumerable<(string Name, string Text)> Members)? ShapeOf(
        Diagnostic diagnostic)
    {
        if (!diagnostic.Properties.TryGetValue(DiagnosticInfo.DetailProperty, out var detail) || detail is null)
            return null;
        var pairs = detail.Split('\n').Select(line => line.Split('\t')).Where(pair => pair.Length == 2).ToList();
        return pairs.Count > 0 && int.TryParse(pairs[0][1], out var version)
            ? (pairs[0][0], version, pairs.Skip(1).Select(pair => (pair[0], pair[1])))
            : null;
    }

    /// <summary>Accepts all new shapes together, because they share one file.</summary>
    private sealed class AcceptAllFixProvider : FixAllProvider
    {
        public override async Task<CodeAction?> GetFixAsync(FixAllContext fixAllContext)
        {
            var project = fixAllContext.Project;
            var diagnostics = await fixAllContext.GetAllDiagnosticsAsync(project);
            return diagnostics.IsEmpty
                ? null
                : CodeAction.Create(
                    $"Accept all new shapes into {ContractFile.FileName}",
                    cancellation => Accept(project, diagnostics, cancellation),
                    nameof(AcceptShapeFix));
        }
    }
}

using System.Collections.Immutable;
using System.Composition;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using Millrace.Generators;
using Millrace.Generators.Roslyn;

namespace Millrace.CodeFixes;

/// <summary>
/// Keeps the stored shape of an event as a separate record, and increments the version of the event. Adds an upcaster
/// from the old record.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(KeepOldShapeFix)), Shared]
internal sealed class KeepOldShapeFix : SyntaxFix<RecordDeclarationSyntax>
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => [DiagnosticIds.ContractBroken];

    /// <inheritdoc/>
    protected override string? Title(RecordDeclarationSyntax node, Diagnostic diagnostic) =>
        node.ParameterList is not null
        && EventOf(node) is not null
        && diagnostic.Properties.ContainsKey(DiagnosticInfo.DetailProperty)
            ? $"Keep the stored shape as '{OldName(node)}', and make this the next version"
            : null;

    /// <inheritdoc/>
    protected override async Task<Document> Fix(
        Document document, RecordDeclarationSyntax node, Diagnostic diagnostic, CancellationToken cancellationToken)
    {
        var text = await document.GetTextAsync(cancellationToken);
        // Title returns null, and so there is no fix, without a detail or an event attribute.
        var shape = new OldShape(node, diagnostic.Properties[DiagnosticInfo.DetailProperty]!);
        var attribute = EventOf(node)!; // Title has checked it.
        var name = attribute.ArgumentList!.Arguments[0].ToString();
        var old =
            $"[Event({name}, Version = {VersionOf(node)})]\npublic sealed record "
                + $"{OldName(node)}{shape.Declaration}\n\n";
        return document.WithText(
            text.WithChanges(
                new TextChange(new TextSpan(node.GetFirstToken().SpanStart, 0), old),
                RaiseVersion(node, attribute),
                AddUpcaster(node, shape)));
    }

    private static TextChange RaiseVersion(RecordDeclarationSyntax node, AttributeSyntax attribute)
    {
        var next = (VersionOf(node) + 1).ToString(CultureInfo.InvariantCulture);
        return VersionArgument(attribute) is { } versionArgument
            ? new TextChange(versionArgument.Expression.Span, next)
            : new TextChange(new TextSpan(attribute.ArgumentList!.CloseParenToken.SpanStart, 0), $", Version = {next}");
    }

    private static TextChange AddUpcaster(RecordDeclarationSyntax node, OldShape shape)
    {
        var method =
            $"\n    [Upcast]\n    public static {node.Identifier.Text} From({OldName(node)} old) => {shape.Upcast};\n";
        return node.OpenBraceToken.IsKind(SyntaxKind.None)
            ? new TextChange(node.SemicolonToken.Span, $"\n{{{method}}}")
            : new TextChange(new TextSpan(node.OpenBraceToken.Span.End, 0), method);
    }

    private static AttributeSyntax? EventOf(RecordDeclarationSyntax node) => node.AttributeLists
        .SelectMany(list => list.Attributes)
        .FirstOrDefault(attribute => attribute.Name.ToString().Split('.').Last() is "Event" or "EventAttribute"
            && attribute.ArgumentList is { Arguments.Count: > 0 });

    private static AttributeArgumentSyntax? VersionArgument(AttributeSyntax eventAttribute) =>
        eventAttribute.ArgumentList!.Arguments.FirstOrDefault(
            argument => argument.NameEquals?.Name.Identifier.Text == "Version");

    private static int VersionOf(RecordDeclarationSyntax node) =>
        EventOf(node) is { } eventAttribute
        && VersionArgument(eventAttribute)?.Expression is LiteralExpressionSyntax { Token.Value: int version }
            ? version
            : 1;

    private static string OldName(RecordDeclarationSyntax node) =>
        $"{node.Identifier.Text}V{VersionOf(node).ToString(CultureInfo.InvariantCulture)}";
}

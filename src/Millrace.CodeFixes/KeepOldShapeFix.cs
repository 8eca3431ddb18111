using System.Collections.Immutable;
using System.Composition;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using Millrace.Generators;

namespace Millrace.CodeFixes;

/// <summary>Keeps the shape that was stored as a record of its version, gives the event the next one, and begins the way on.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(KeepOldShapeFix)), Shared]
internal sealed class KeepOldShapeFix : SyntaxFix<RecordDeclarationSyntax>
{
    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        ["string"] = "string", ["boolean"] = "bool", ["char"] = "char", ["sByte"] = "sbyte", ["byte"] = "byte", ["int16"] = "short",
        ["uInt16"] = "ushort", ["int32"] = "int", ["uInt32"] = "uint", ["int64"] = "long", ["uInt64"] = "ulong", ["single"] = "float",
        ["double"] = "double", ["decimal"] = "decimal", ["guid"] = "System.Guid", ["dateTime"] = "System.DateTime",
        ["dateTimeOffset"] = "System.DateTimeOffset", ["dateOnly"] = "System.DateOnly", ["timeOnly"] = "System.TimeOnly",
        ["timeSpan"] = "System.TimeSpan", ["uri"] = "System.Uri",
    };

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => [DiagnosticIds.ContractBroken];

    /// <inheritdoc/>
    protected override string? Title(RecordDeclarationSyntax node, Diagnostic diagnostic) =>
        node.ParameterList is not null && EventOf(node) is not null && diagnostic.Properties.ContainsKey(DiagnosticInfo.DetailProperty)
            ? $"Keep the stored shape as '{OldName(node)}', and make this the next version"
            : null;

    /// <inheritdoc/>
    protected override async Task<Document> Fix(
        Document document, RecordDeclarationSyntax node, Diagnostic diagnostic, CancellationToken cancellationToken)
    {
        var text = await document.GetTextAsync(cancellationToken);
        var stored = MembersOf(node, diagnostic);
        var mark = EventOf(node)!; // Without one there is no title.
        var name = mark.ArgumentList!.Arguments[0].ToString();
        var parameters = string.Join(", ", stored.Select(member => $"{member.Type} {member.Name}"));
        var old = $"[Event({name}, Version = {VersionOf(node)})]\npublic sealed record {OldName(node)}({parameters});\n\n";
        return document.WithText(text.WithChanges(
            new TextChange(new TextSpan(node.GetFirstToken().SpanStart, 0), old),
            RaiseVersion(node, mark),
            AddUpcaster(node, stored)));
    }

    private static TextChange RaiseVersion(RecordDeclarationSyntax node, AttributeSyntax mark)
    {
        var next = (VersionOf(node) + 1).ToString(CultureInfo.InvariantCulture);
        return VersionArgument(mark) is { } given
            ? new TextChange(given.Expression.Span, next)
            : new TextChange(new TextSpan(mark.ArgumentList!.CloseParenToken.SpanStart, 0), $", Version = {next}");
    }

    private static TextChange AddUpcaster(RecordDeclarationSyntax node, List<(string Name, string Type, bool IsSame)> stored)
    {
        var name = node.Identifier.Text;
        var wanted = node.ParameterList!.Parameters.Select(parameter => parameter.Identifier.Text).ToList();
        var missing = wanted.Where(one => !stored.Exists(member => member.Name == one && member.IsSame)).ToList();
        var body = missing.Count == 0
            ? $"new({string.Join(", ", wanted.Select(one => "old." + one))})"
            : $"throw new System.NotImplementedException(\"Say what is {string.Join(", ", missing)} of an old event.\")";
        var method = $"\n    [Upcast]\n    public static {name} From({OldName(node)} old) => {body};\n";
        return node.OpenBraceToken.IsKind(SyntaxKind.None)
            ? new TextChange(node.SemicolonToken.Span, $"\n{{{method}}}")
            : new TextChange(new TextSpan(node.OpenBraceToken.Span.End, 0), method);
    }

    /// <summary>What was stored: a member that is read as it was keeps its type, and what has no simple type stays JSON.</summary>
    private static List<(string Name, string Type, bool IsSame)> MembersOf(RecordDeclarationSyntax node, Diagnostic diagnostic)
    {
        var now = node.ParameterList!.Parameters.ToDictionary(
            parameter => parameter.Identifier.Text, parameter => parameter.Type!.ToString(), StringComparer.OrdinalIgnoreCase);
        var members = new List<(string, string, bool)>();
        foreach (var line in diagnostic.Properties[DiagnosticInfo.DetailProperty]!.Split('\n').Where(line => line.Length > 0))
        {
            var parts = line.Split('\t'); // Name, whether it is broken, and what it looks like.
            var (json, isOptional) = (parts[0].TrimEnd('?'), parts[0].EndsWith("?", StringComparison.Ordinal));
            var isSame = now.TryGetValue(json, out var type) && parts[1] != bool.TrueString;
            var name = char.ToUpperInvariant(json[0]) + json.Substring(1);
            var simple = Types.TryGetValue(parts[2], out var known) ? known : "System.Text.Json.JsonElement";
            members.Add((name, isSame ? type! : isOptional ? simple + "?" : simple, isSame));
        }
        return members;
    }

    private static AttributeSyntax? EventOf(RecordDeclarationSyntax node) => node.AttributeLists
        .SelectMany(list => list.Attributes)
        .FirstOrDefault(attribute => attribute.Name.ToString().Split('.').Last() is "Event" or "EventAttribute"
            && attribute.ArgumentList is { Arguments.Count: > 0 });

    private static AttributeArgumentSyntax? VersionArgument(AttributeSyntax mark) =>
        mark.ArgumentList!.Arguments.FirstOrDefault(argument => argument.NameEquals?.Name.Identifier.Text == "Version");

    private static int VersionOf(RecordDeclarationSyntax node) =>
        EventOf(node) is { } mark && VersionArgument(mark)?.Expression is LiteralExpressionSyntax { Token.Value: int version }
            ? version
            : 1;

    private static string OldName(RecordDeclarationSyntax node) =>
        $"{node.Identifier.Text}V{VersionOf(node).ToString(CultureInfo.InvariantCulture)}";
}

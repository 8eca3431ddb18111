using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Repository.Tests;

/// <summary>A metric instrument that the code of a library creates.</summary>
/// <param name="Name">The name in OpenTelemetry.</param>
/// <param name="Kind">The kind, such as <c>Counter</c>.</param>
/// <param name="Unit">The unit.</param>
internal sealed record Instrument(string Name, string Kind, string Unit)
{
    private const string Create = "Create";
    private const string Observable = "Observable";

    /// <summary>Returns all instruments, from the calls that create them.</summary>
    public static IReadOnlyList<Instrument> All() =>
    [
        .. from path in RepositoryFiles.Sources("src")
           from call in RepositoryFiles.Syntax(path).DescendantNodes().OfType<InvocationExpressionSyntax>()
           let kind = KindOf(call)
           where kind is not null
           let texts = call.ArgumentList.Arguments.Select(argument => argument.Expression)
               .OfType<LiteralExpressionSyntax>()
               .Where(literal => literal.IsKind(SyntaxKind.StringLiteralExpression))
               .Select(literal => literal.Token.ValueText)
               .ToList()
           where texts.Count >= 2
           select new Instrument(texts[0], kind, texts[1]),
    ];

    /// <summary>Returns the names of its series in Prometheus.</summary>
    public IEnumerable<string> Series()
    {
        var suffix = Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        };
        var name = Name.Replace('.', '_');
        if (!name.EndsWith(suffix, StringComparison.Ordinal))
            name += suffix;
        return Kind switch
        {
            "Counter" => [$"{name}_total"],
            "Histogram" => [$"{name}_bucket", $"{name}_sum", $"{name}_count"],
            _ => [name],
        };
    }

    private static string? KindOf(InvocationExpressionSyntax call)
    {
        var name = call.Expression is MemberAccessExpressionSyntax member ? member.Name.Identifier.Text : "";
        if (!name.StartsWith(Create, StringComparison.Ordinal))
            return null;
        var kind = name[Create.Length..];
        kind = kind.StartsWith(Observable, StringComparison.Ordinal) ? kind[Observable.Length..] : kind;
        return kind is "Counter" or "UpDownCounter" or "Gauge" or "Histogram" ? kind : null;
    }
}

using Microsoft.CodeAnalysis;
using Millrace.Generators.Marks;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Projecting;

/// <summary>Parses the member of a document that is marked <c>[Expires]</c>.</summary>
internal static class ExpiryParser
{
    private const long MaxAfterSeconds = 1_000L * 366 * 24 * 60 * 60; // A thousand years.

    /// <summary>Returns the member; null if no document expires.</summary>
    public static ExpiryModel? Parse(
        ITypeSymbol document, INamedTypeSymbol projection, List<DiagnosticInfo> problems)
    {
        ExpiryModel? expiry = null;
        foreach (var property in document.ReadableProperties())
        {
            if (document.FindMark(property, MetadataNames.Expires) is not { } mark)
                continue;
            var after = mark.Named("AfterSeconds", 0L);
            if ((expiry is null ? ProblemOf(property, after) : $"'{expiry.Member}' is also marked") is { } problem)
                problems.Add(
                    DiagnosticInfo.At(
                        ProjectionDiagnostics.ExpiresMember,
                        property.InSourceOr(projection),
                        property.Name,
                        document.Name,
                        problem));
            expiry ??= new(property.Name, Casing.Camel(property.Name), after);
        }
        return expiry;
    }

    private static string? ProblemOf(IPropertySymbol property, long after) =>
        !property.Type.Underlying().Is(MetadataNames.DateTimeOffset)
            ? "its type must be DateTimeOffset or DateTimeOffset?"
            : MarkParser.IsMarked(property)
                ? "its value is stored encrypted, and cannot be compared with the time"
                : after is < 0 or > MaxAfterSeconds ? "AfterSeconds must be from 0 to a thousand years" : null;
}

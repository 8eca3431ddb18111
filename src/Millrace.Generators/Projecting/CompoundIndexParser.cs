using Microsoft.CodeAnalysis;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Projecting;

/// <summary>Parses the <c>[CompoundIndex]</c> attributes of a document.</summary>
internal static class CompoundIndexParser
{
    private const int MaxMembers = 4;

    /// <summary>Returns the names of the fields of each index, separated by a line feed.</summary>
    public static IReadOnlyList<string> Parse(
        ITypeSymbol document,
        INamedTypeSymbol projection,
        IReadOnlyList<FieldModel> fields,
        List<DiagnosticInfo> problems)
    {
        var indexes = new List<string>();
        foreach (var attribute in document.GetAttributes())
        {
            if (!attribute.AttributeClass.Is(MetadataNames.CompoundIndex))
                continue;
            var members = MembersOf(attribute);
            var index = string.Join("\n", members.Select(Casing.Camel));
            if (ProblemOf(members, fields) is { } problem)
                Report(problem);
            else if (indexes.Contains(index))
                Report("it is declared twice");
            else
                indexes.Add(index);

            void Report(string problem) => problems.Add(
                DiagnosticInfo.At(
                    ProjectionDiagnostics.CompoundIndex,
                    document.InSourceOr(projection),
                    string.Join(", ", members),
                    document.Name,
                    problem));
        }
        return indexes;
    }

    private static string[] MembersOf(AttributeData attribute) =>
    [
        .. attribute.ConstructorArguments
            .SelectMany(argument => argument.Kind == TypedConstantKind.Array
                ? argument.IsNull ? [] : argument.Values.AsEnumerable()
                : [argument])
            .Select(value => value.Value as string ?? ""),
    ];

    private static string? ProblemOf(string[] members, IReadOnlyList<FieldModel> fields)
    {
        if (members.Length is < 2 or > MaxMembers)
            return $"name 2 to {MaxMembers} members; [Indexed] makes the index of one member";
        if (members.Distinct(StringComparer.Ordinal).Count() < members.Length)
            return "it names a member twice";
        return members.FirstOrDefault(member => !fields.Any(field => field.Member == member)) is { } missing
            ? $"'{missing}' is not a member that is marked [Indexed] or [Expires]; write its name in C#, as in "
                + "[CompoundIndex(nameof(Status), nameof(PlacedAt))]"
            : null;
    }
}

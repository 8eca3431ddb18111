using System.ComponentModel;
using System.Text.Json;

namespace Millrace.AspNetCore;

/// <summary>What differs between two collections of a read model.</summary>
[Description("What differs between two collections of a read model.")]
internal sealed record ComparisonView(
    [property: Description("The older collection.")] string Before,
    [property: Description("The newer one.")] string After,
    [property: Description("Whether nothing differs.")] bool IsSame,
    [property: Description("How many documents are the same in both.")] long Same,
    [property: Description("How many only the new one has.")] long Added,
    [property: Description("How many differ.")] long Changed,
    [property: Description("How many only the old one has.")] long Gone,
    [property: Description("How many could not be compared, because they changed meanwhile.")] long ChangedMeanwhile,
    [property: Description("Some of those that differ, in the order of their keys.")]
        IReadOnlyList<DifferenceView> Examples)
{
    public static ComparisonView Of(ReadModelComparison found) =>
        new(
            found.Before,
            found.After,
            found.IsSame,
            found.Same,
            found.Added,
            found.Changed,
            found.Gone,
            found.ChangedMeanwhile,
            [
                .. found.Examples.Select(one => new DifferenceView(
                    one.Key,
                    JsonNamingPolicy.CamelCase.ConvertName(one.Kind.ToString()),
                    [.. one.Fields.Select(FieldView.Of)])),
            ]
        );
}

/// <summary>A document that differs.</summary>
[Description("A document that differs.")]
internal sealed record DifferenceView(
    [property: Description("Its key.")] string Key,
    [property: Description("added, changed or gone.")] string Kind,
    [property: Description("The first twenty fields that differ.")] IReadOnlyList<FieldView> Fields);

/// <summary>A field that differs.</summary>
[Description("A field that differs.")]
internal sealed record FieldView(
    [property: Description("Where it is: lines[2].total.")] string Path,
    [property: Description("Its JSON before, cut at 200 characters; absent when it was not there.")] string? Before,
    [property: Description("Its JSON after, cut at 200 characters; absent when it is not there.")] string? After)
{
    public static FieldView Of(FieldDifference field) => new(field.Path, field.Before, field.After);
}

using System.ComponentModel;
using System.Text.Json;

namespace Millrace.AspNetCore.Projecting;

/// <summary>The differences between two collections of a read model.</summary>
[Description("The differences between two collections of a read model.")]
internal sealed record ComparisonView(
    [property: Description("The older collection.")] string Before,
    [property: Description("The newer collection.")] string After,
    [property: Description("True if there is no difference.")] bool IsSame,
    [property: Description("The number of documents that are the same in both.")] long Same,
    [property: Description("The number of documents that only the newer one has.")] long Added,
    [property: Description("The number of documents that differ.")] long Changed,
    [property: Description("The number of documents that only the older one has.")] long Gone,
    [property: Description("The number of documents that were not compared, because they changed meanwhile.")]
    long ChangedMeanwhile,
    [property: Description("Examples of documents that differ, in the order of their keys.")]
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
    [property: Description("The key.")] string Key,
    [property: Description("added, changed or gone.")] string Kind,
    [property: Description("The first twenty fields that differ.")] IReadOnlyList<FieldView> Fields);

/// <summary>A field that differs.</summary>
[Description("A field that differs.")]
internal sealed record FieldView(
    [property: Description("The path of the field: lines[2].total.")] string Path,
    [property: Description("Its JSON before, cut at 200 characters; absent if it did not exist.")] string? Before,
    [property: Description("Its JSON after, cut at 200 characters; absent if it does not exist.")] string? After)
{
    public static FieldView Of(FieldDifference field) => new(field.Path, field.Before, field.After);
}

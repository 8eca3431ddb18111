using Millrace.Projecting;
using Millrace.Storage;

namespace Millrace.Planning;

/// <summary>Finds the collection that a query reads by the name of its read model.</summary>
internal static class QueriedCollection
{
    /// <summary>Returns the live collection of a read model, or the collection of the name.</summary>
    /// <exception cref="CollectionNotFoundException">There is neither.</exception>
    public static async ValueTask<CollectionDefinition> Find(
        IDocumentStorage documents, string name, CancellationToken cancellationToken)
    {
        if (await TryFind(documents, name, cancellationToken).ConfigureAwait(false) is { } found)
            return found;
        var all = await documents.ListDefinitions(cancellationToken).ConfigureAwait(false);
        throw new CollectionNotFoundException(
            name, [.. all.Select(definition => CollectionName.NameOf(definition.Name)).Distinct()]);
    }

    /// <summary>Returns the live collection of a read model, or the collection of the name; null if there is
    /// neither.</summary>
    public static async ValueTask<CollectionDefinition?> TryFind(
        IDocumentStorage documents, string name, CancellationToken cancellationToken)
    {
        var all = await documents.ListDefinitions(cancellationToken).ConfigureAwait(false);
        var records = await documents.ListReadModels(cancellationToken).ConfigureAwait(false);
        var live = records.FirstOrDefault(record => record.Name == name)?.Live ?? name;
        return all.FirstOrDefault(definition => definition.Name == live)
            ?? all.Where(definition => CollectionName.NameOf(definition.Name) == name)
                .MaxBy(definition => CollectionName.VersionOf(definition.Name));
    }

    /// <summary>Returns the conditions with texts converted to the kinds of their fields.</summary>
    /// <exception cref="InvalidValueException">A text is not a value of its field.</exception>
    public static IReadOnlyList<FieldCondition> Parse(
        IReadOnlyList<FieldCondition> conditions, CollectionDefinition collection) =>
        [.. conditions.Select(condition => Parse(condition, collection))];

    private static FieldCondition Parse(FieldCondition condition, CollectionDefinition collection)
    {
        var field = collection.Fields.FirstOrDefault(known => known.Name == condition.Field);
        if (field is null or { Kind: FieldKind.Hash }
            || condition.Comparison == Comparison.StartsWith
            || condition.Value.Value is not string text)
            return condition; // The storage reports a missing field.
        var value =
            FieldValueParser.ParseByKind(field.Kind, text)
            ?? throw new InvalidValueException(
                field.Name,
                text,
                $"the field contains {FieldNumbers.Describe(field.Kind)}. Write the value as in JSON.");
        return condition with { Value = value };
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;
using Millrace.Storage;

namespace Millrace.Materializing.Immediate;

/// <summary>A declared immediate view, independent of the types of its keys and rows.</summary>
internal abstract class ImmediateComputation
{
    public required string Name { get; init; }

    public required int Version { get; init; }

    /// <summary>Gets the hash of the declaration, with the members of the rows.</summary>
    public required string Declaration { get; init; }

    /// <summary>Gets the fields of the collection.</summary>
    public required IReadOnlyList<FieldDefinition> Columns { get; init; }

    /// <summary>Gets the time for which a read waits for the first rows.</summary>
    public required TimeSpan FirstWait { get; init; }

    /// <summary>Gets the name of the projection; null for the only one with such documents.</summary>
    public string? Projection { get; init; }

    /// <summary>Gets what computes the rows, for tools.</summary>
    public abstract string Query { get; }

    /// <summary>Gets the CLR type of the documents.</summary>
    public abstract Type DocumentType { get; }

    /// <summary>Gets the CLR type of the keys of the documents.</summary>
    public abstract Type DocumentKeyType { get; }

    /// <summary>Gets the start of the names of its collections.</summary>
    public string ShapeName => ViewComputation.CollectionNameOf(Name);

    /// <summary>Returns whether the rows can be computed from the documents of a projection.</summary>
    public bool Reads(ProjectionDefinition projection) =>
        projection.DocumentType == DocumentType && projection.KeyType == DocumentKeyType;

    /// <summary>
    /// Returns the key of the state for a collection of the read model. Each build of a read model has its own rows,
    /// so that a switch to another build switches the rows, too.
    /// </summary>
    public string KeyOf(string source) => ViewRecord.KeyOf(Name, Version, DeclarationOf(source));

    /// <summary>Returns the hash of the declaration for a collection of the read model.</summary>
    public string DeclarationOf(string source) => RowShape.HashOf([Declaration, source]);

    /// <summary>Returns the name of the collection of a build.</summary>
    public string CollectionOf(long build) => CollectionName.Of(ShapeName, Version, build);

    /// <summary>Creates the rules that change the rows.</summary>
    /// <param name="projection">The projection of the documents.</param>
    /// <param name="storage">The storage of the rows.</param>
    public abstract RowRules CreateRules(ProjectionDefinition projection, IDocumentStorage storage);
}

/// <inheritdoc/>
internal abstract class ImmediateComputation<TKey, TRow> : ImmediateComputation
    where TKey : notnull
    where TRow : class
{
    [SetsRequiredMembers]
    protected ImmediateComputation(ImmediateView<TKey, TRow> view, JsonTypeInfo<TRow> json)
    {
        var fields = RowShape.FieldsOf(view.Name, view.Fields, json);
        (Name, Version, FirstWait) = (view.Name, view.Version, view.FirstWait);
        Projection = view.Projection;
        Columns = [.. fields.Select(field => new FieldDefinition(field.Name, field.Kind))];
        Declaration = RowShape.HashOf(
            [RowShape.HashOf(fields, json, typeof(TKey)), view.GetType().FullName ?? "", view.Projection ?? ""]);
        Format = new ViewRowFormat<TRow>(view.Name, view.Version, json, fields);
    }

    public ViewRowFormat<TRow> Format { get; }

    /// <summary>Returns the text of the key of a row.</summary>
    public abstract string KeyText(TKey key, ProjectionDefinition projection);

    /// <summary>Returns the row in the body of a document.</summary>
    /// <exception cref="UnreadableDocumentException">The JSON is not a row of the current class.</exception>
    public abstract TRow ReadRow(ReadOnlyMemory<byte> body);
}

using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Millrace.Projecting;
using Millrace.Storage;

namespace Millrace.Materializing.Immediate;

/// <summary>The computation of a view with a row per group of documents.</summary>
internal sealed class GroupedComputation<TKey, TDocument, TGroup, TRow> : ImmediateComputation<TGroup, TRow>
    where TKey : notnull
    where TDocument : class
    where TGroup : notnull
    where TRow : class
{
    private readonly GroupedView<TKey, TDocument, TGroup, TRow> _view;

    [SetsRequiredMembers]
    public GroupedComputation(GroupedView<TKey, TDocument, TGroup, TRow> view, JsonTypeInfo<TRow> json)
        : base(view, json) => _view = view;

    public override string Query => "group";

    public override Type DocumentType => typeof(TDocument);

    public override Type DocumentKeyType => typeof(TKey);

    public override RowRules CreateRules(ProjectionDefinition projection, IDocumentStorage storage) =>
        new GroupRules<TKey, TDocument, TGroup, TRow>(
            _view,
            Format,
            new DocumentFormat<TKey, TDocument>((ProjectionDefinition<TKey, TDocument>)projection),
            storage);

    public override string KeyText(TGroup key, ProjectionDefinition projection) => Millrace.KeyText.Of(key);

    public override TRow ReadRow(ReadOnlyMemory<byte> body)
    {
        try
        {
            return Format.Read(GroupBody.RowOf(body));
        }
        catch (JsonException exception)
        {
            throw new UnreadableDocumentException(Name, Version, typeof(TRow), exception);
        }
    }
}

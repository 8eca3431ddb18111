using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;
using Millrace.Projecting;
using Millrace.Storage;

namespace Millrace.Materializing.Immediate;

/// <summary>The computation of a view with a row per document.</summary>
internal sealed class MappedComputation<TKey, TDocument, TRow> : ImmediateComputation<TKey, TRow>
    where TKey : notnull
    where TDocument : class
    where TRow : class
{
    private readonly MappedView<TKey, TDocument, TRow> _view;

    [SetsRequiredMembers]
    public MappedComputation(MappedView<TKey, TDocument, TRow> view, JsonTypeInfo<TRow> json)
        : base(view, json) => _view = view;

    public override string Query => "map";

    public override Type DocumentType => typeof(TDocument);

    public override Type DocumentKeyType => typeof(TKey);

    public override RowRules CreateRules(ProjectionDefinition projection, IDocumentStorage storage) =>
        new Rules(_view, Format, FormatOf(projection));

    public override string KeyText(TKey key, ProjectionDefinition projection) => FormatOf(projection).KeyText(key);

    public override TRow ReadRow(ReadOnlyMemory<byte> body) => Format.Read(body);

    private static DocumentFormat<TKey, TDocument> FormatOf(ProjectionDefinition projection) =>
        new((ProjectionDefinition<TKey, TDocument>)projection);

    private sealed class Rules(
        MappedView<TKey, TDocument, TRow> view,
        ViewRowFormat<TRow> rowFormat,
        DocumentFormat<TKey, TDocument> documents)
        : RowRules
    {
        public override bool NeedsFormer => false;

        public override ValueTask<IReadOnlyList<DocumentChange>> Change(
            IReadOnlyList<ChangedDocument> changed, string rows, long position, CancellationToken cancellationToken)
        {
            var changes = new DocumentChange[changed.Count];
            for (var i = 0; i < changes.Length; i++)
                changes[i] = ChangeOf(changed[i], rows, Math.Max(1, position));
            return new(changes);
        }

        /// <exception cref="ViewCodeException">The code of the view failed.</exception>
        private DocumentChange ChangeOf(ChangedDocument document, string rows, long position)
        {
            try
            {
                var row = document.After is { } body ? view.Map(documents.Read(body)) : null;
                return new DocumentChange
                {
                    Collection = rows,
                    Key = document.Key,
                    // Null removes the row. A null array would become empty bytes.
                    Body = row is null ? default(ReadOnlyMemory<byte>?) : (ReadOnlyMemory<byte>)rowFormat.Write(row),
                    Fields = row is null ? [] : rowFormat.Fields(row),
                    Position = position,
                };
            }
#pragma warning disable CA1031 // Every exception of the code is wrapped.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                throw new ViewCodeException($"the document '{document.Key}'", exception);
            }
        }
    }
}

using Millrace.Storage;

namespace Millrace.Projecting;

/// <summary>Computes from the field of a document when the document expires.</summary>
internal sealed class ExpiryRule<TDocument>
    where TDocument : class
{
    private readonly DocumentField<TDocument> _field;

    /// <param name="projection">The name of the projection.</param>
    /// <param name="expiry">The declared expiry.</param>
    /// <param name="fields">The fields of the documents.</param>
    /// <exception cref="InvalidOperationException">The expiry does not name a field that contains an
    /// instant.</exception>
    public ExpiryRule(string projection, DocumentExpiry expiry, IReadOnlyList<DocumentField<TDocument>> fields)
    {
        Column = ExpiryColumn.Of(expiry, [.. fields.Select(static one => new FieldDefinition(one.Name, one.Kind))])
            ?? throw new InvalidOperationException(
                $"The documents of '{projection}' expire by '{expiry.Field}', which is not a field of the kind "
                    + $"{nameof(FieldKind.Ticks)}. Add it to Fields, with a DateTimeOffset as its value.");
        if (expiry.After < TimeSpan.Zero)
            throw new InvalidOperationException(
                $"The documents of '{projection}' expire {expiry.After} after '{expiry.Field}': set After to zero or "
                    + "more.");
        _field = fields[Column.Index];
    }

    public ExpiryColumn Column { get; }

    /// <summary>Returns whether a document has expired.</summary>
    public bool IsExpired(TDocument document, DateTimeOffset now) => ExpiresAt(document) <= now;

    /// <summary>Returns the time from which a document has expired; null if it never expires.</summary>
    public DateTimeOffset? ExpiresAt(TDocument document) => Column.ExpiresAt(_field.Get(document));
}

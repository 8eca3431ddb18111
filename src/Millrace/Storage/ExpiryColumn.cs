namespace Millrace.Storage;

/// <summary>The field of a collection that defines when a document expires.</summary>
/// <param name="Name">The name of the field.</param>
/// <param name="Index">The index of the field.</param>
/// <param name="After">The duration between the time in the field and the expiry.</param>
internal sealed record ExpiryColumn(string Name, int Index, TimeSpan After)
{
    /// <summary>Returns the column; null if the collection has no such field of instants.</summary>
    public static ExpiryColumn? Of(DocumentExpiry expiry, IReadOnlyList<FieldDefinition> fields)
    {
        for (var i = 0; i < fields.Count; i++)
        {
            if (fields[i].Name == expiry.Field)
                return fields[i].Kind == FieldKind.Ticks ? new ExpiryColumn(expiry.Field, i, expiry.After) : null;
        }
        return null;
    }

    /// <summary>Returns the time from which a document has expired; null if it never expires.</summary>
    /// <param name="value">The value of the field.</param>
    public DateTimeOffset? ExpiresAt(FieldValue value) =>
        value.Value is TimeSpan { Ticks: >= 0 and var ticks } && ticks <= DateTimeOffset.MaxValue.Ticks - After.Ticks
            ? new DateTimeOffset(ticks + After.Ticks, TimeSpan.Zero)
            : null;

    /// <summary>Returns the condition that documents meet which have not expired.</summary>
    public FieldCondition NotExpired(DateTimeOffset now) => new(Name, Comparison.GreaterOrNull, Threshold(now));

    /// <summary>Returns the condition that documents meet which have expired.</summary>
    public FieldCondition Expired(DateTimeOffset now) => new(Name, Comparison.LessOrEqual, Threshold(now));

    /// <summary>Returns the condition that documents meet which expire later.</summary>
    public FieldCondition ExpiresLater(DateTimeOffset now) => new(Name, Comparison.Greater, Threshold(now));

    private FieldValue Threshold(DateTimeOffset now) => new TimeSpan(now.UtcTicks - After.Ticks);
}

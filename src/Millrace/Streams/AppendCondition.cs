namespace Millrace;

/// <summary>What must not have happened for an append to be accepted: no event that matches a filter, after a
/// position.</summary>
/// <remarks>
/// A dynamic consistency boundary: read the events that a decision rests on, note the position, and append on condition
/// that nothing of the kind came after it (Sara Pellegrini and others, "Killing the aggregate", 2023). The filter must
/// name types or tags.
/// </remarks>
public sealed record AppendCondition
{
    /// <summary>Makes a condition.</summary>
    /// <param name="filter">The events that must not be there; it must name types or tags.</param>
    /// <param name="after">The last position that was seen; 0 for none at all.</param>
    /// <exception cref="ArgumentException">The filter names neither types nor tags.</exception>
    public AppendCondition(EventFilter filter, long after)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        if (filter.Types.Count == 0 && filter.Tags.Count == 0)
            throw new ArgumentException(
                "The filter of an append condition must name types or tags, else the whole log would be its boundary.",
                nameof(filter));
        (Filter, After) = (filter, after);
    }

    /// <summary>The events that must not be there.</summary>
    public EventFilter Filter { get; }

    /// <summary>The last position that was seen.</summary>
    public long After { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Filter} after position {After}";
}

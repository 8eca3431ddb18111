namespace Millrace;

/// <summary>
/// A condition for an append. The append is refused if an event that matches a filter was appended after a position.
/// </summary>
/// <remarks>
/// Use conditions to define a dynamic consistency boundary (Sara Pellegrini and others, "Killing the aggregate", 2023).
/// Read the events that a decision depends on, and remember the last position. Then append with the condition that no
/// matching event was appended after that position. The filter must name types or tags.
/// </remarks>
public sealed record AppendCondition
{
    /// <summary>Creates a condition.</summary>
    /// <param name="filter">The filter for events that must not exist. It must name types or tags.</param>
    /// <param name="after">The last position that was read; 0 if nothing was read.</param>
    /// <exception cref="ArgumentException">The filter names neither types nor tags.</exception>
    public AppendCondition(EventFilter filter, long after)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        if (filter.Types.Count == 0 && filter.Tags.Count == 0)
            throw new ArgumentException(
                "The filter of an append condition must name types or tags. Otherwise it would match the whole log.",
                nameof(filter));
        Filter = filter;
        After = after;
    }

    /// <summary>Gets the filter for events that must not exist.</summary>
    public EventFilter Filter { get; }

    /// <summary>Gets the last position that was read.</summary>
    public long After { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Filter} after position {After}";
}

namespace Millrace;

/// <summary>Options for the number of nodes.</summary>
public sealed class CapacityOptions
{
    /// <summary>Gets or sets the minimum number of nodes; from 1 to 1,000, 1 by default.</summary>
    public int MinNodes { get; set; } = 1;

    /// <summary>
    /// Gets or sets the maximum number of nodes; from <see cref="MinNodes"/> to 1,000, 4 by default.
    /// </summary>
    public int MaxNodes { get; set; } = 4;

    /// <summary>
    /// Gets or sets the use of processors above which nodes are added, as the average of all nodes; from 0.1 to 1, 0.75
    /// by default.
    /// </summary>
    public double AddAbove { get; set; } = 0.75;

    /// <summary>
    /// Gets or sets the use of processors that the remaining nodes may have after a node is removed; from 0.05 to four
    /// fifths of <see cref="AddAbove"/>, 0.5 by default.
    /// </summary>
    public double RemoveBelow { get; set; } = 0.5;

    /// <summary>
    /// Gets or sets the lag of a consumer above which nodes are added; from 1 second to 1 day, 1 minute by default.
    /// Above a quarter of it, no node is removed.
    /// </summary>
    public TimeSpan MaxLag { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Gets or sets how long the load must be high before nodes are added; from 0 to 1 hour, 3 minutes by default.
    /// </summary>
    public TimeSpan AddAfter { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>
    /// Gets or sets how long the load must be low before a node is removed; from 0 to 1 day, 15 minutes by default.
    /// </summary>
    public TimeSpan RemoveAfter { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Gets or sets the pause after a change; from 1 second to 1 day, 10 minutes by default. It must be longer than a
    /// node needs to start.
    /// </summary>
    public TimeSpan CoolDown { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets or sets the interval between checks; from 1 second to 5 minutes, 15 seconds by default.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Gets or sets how long a call of the hook may take; from 1 second to 10 minutes, 1 minute by default.
    /// </summary>
    public TimeSpan HookTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets whether changes are only recorded, and the hook is not called; false by default.</summary>
    public bool IsDryRun { get; set; }

    internal CapacityOptions Copy() => (CapacityOptions)MemberwiseClone();

    internal IEnumerable<string> Problems()
    {
        if (MinNodes is < 1 or > 1_000)
            yield return $"MinNodes: must be from 1 to 1,000, but is {MinNodes:N0}.";
        if (MaxNodes < MinNodes || MaxNodes > 1_000)
            yield return $"MaxNodes: must be from MinNodes to 1,000, but is {MaxNodes:N0}.";
        if (!(AddAbove is >= 0.1 and <= 1))
            yield return $"AddAbove: must be from 0.1 to 1, but is {AddAbove}.";
        if (!(RemoveBelow >= 0.05 && RemoveBelow <= 0.8 * AddAbove))
            yield return $"RemoveBelow: must be from 0.05 to four fifths of AddAbove, but is {RemoveBelow}.";
        var (second, day) = (TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        foreach (var (name, value, min, max) in new[]
        {
            (nameof(MaxLag), MaxLag, second, day),
            (nameof(AddAfter), AddAfter, TimeSpan.Zero, TimeSpan.FromHours(1)),
            (nameof(RemoveAfter), RemoveAfter, TimeSpan.Zero, day),
            (nameof(CoolDown), CoolDown, second, day),
            (nameof(Interval), Interval, second, TimeSpan.FromMinutes(5)),
            (nameof(HookTimeout), HookTimeout, second, TimeSpan.FromMinutes(10)),
        })
        {
            if (value < min || value > max)
                yield return $"{name}: must be from {min} to {max}, but is {value}.";
        }
    }
}

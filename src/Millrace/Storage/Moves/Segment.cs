namespace Millrace.Storage.Moves;

/// <summary>A range of the log that is compared at once.</summary>
/// <param name="First">The first position.</param>
/// <param name="Last">The last position.</param>
internal readonly record struct Segment(long First, long Last)
{
    /// <summary>The number of events that are read at once.</summary>
    public const int PageEvents = 2_000;

    public override string ToString() => $"positions {First} to {Last}";
}

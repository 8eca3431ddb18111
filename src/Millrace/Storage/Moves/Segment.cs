namespace Millrace.Storage.Moves;

/// <summary>A stretch of the log that is compared at once.</summary>
/// <param name="First">Its first position.</param>
/// <param name="Last">Its last position.</param>
internal readonly record struct Segment(long First, long Last)
{
    /// <summary>How many of its events are read at once.</summary>
    public const int PageEvents = 2_000;

    public override string ToString() => $"positions {First} to {Last}";
}

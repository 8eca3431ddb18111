namespace Millrace.Storage.Moves;

/// <summary>A range of the log whose events are compared with one hash.</summary>
/// <param name="First">The first position.</param>
/// <param name="Last">The last position.</param>
internal readonly record struct Segment(long First, long Last)
{
    /// <summary>The maximum number of events per page.</summary>
    public const int PageEvents = 2_000;

    public override string ToString() => $"positions {First} to {Last}";
}
